"""What a worker does when Redis does not take an acknowledgement: it goes on.

kombu (5.7) counts a message whose acknowledgement failed as being worked on, for ever. With
as many such messages as it may hold, one here, a worker falls silent until it is restarted
(https://github.com/celery/celery/issues/2415). A Redis that hangs for a few seconds is enough.
"""

from kombu.transport import redis, virtual


class QoS(redis.QoS):
    """Counts such a message as done. Redis delivers it again after the visibility timeout."""

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge, or at least make room; errors are raised all the same."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002
        """Refuse, or at least make room."""
        try:
            super().reject(delivery_tag, requeue)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


def make_room_after_failures() -> None:
    """Have every Redis channel of this process made from now on use `QoS`."""
    redis.Channel.QoS = QoS
