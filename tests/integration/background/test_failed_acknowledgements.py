"""A worker whose acknowledgement Redis did not take is given the next message."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from kombu import Connection, Queue
from kombu.transport.virtual import Channel


@pytest.fixture
def channel() -> Iterator[Channel]:
    with Connection(settings.CELERY_BROKER_URL) as connection:
        channel = connection.default_channel
        channel.basic_qos(0, 1, False)  # a worker with room for one message
        yield channel
        channel.queue_purge("acknowledgements")


def receive(channel):
    """Two messages that wait, and the first of them as a worker gets it."""
    queue = Queue("acknowledgements")(channel)
    queue.declare()
    producer = channel.connection.client.Producer(channel)
    for number in range(2):
        producer.publish(number, routing_key="acknowledgements")
    return queue.get()


@pytest.mark.parametrize("settle", ["ack", "reject"])
def test_there_is_room_for_the_next(channel, monkeypatch, settle):
    message = receive(channel)
    assert not channel.qos.can_consume()

    def fail(*_args, **_kwargs):
        raise TimeoutError

    monkeypatch.setattr(channel.qos, "_remove_from_indices", fail)
    with pytest.raises(TimeoutError):
        getattr(message, settle)()
    assert channel.qos.can_consume()
    assert channel.client.hexists(channel.unacked_key, message.delivery_tag)


def test_what_is_acknowledged_is_gone(channel):
    message = receive(channel)
    message.ack()
    assert channel.qos.can_consume()
    assert not channel.client.hexists(channel.unacked_key, message.delivery_tag)
