"""What is older than retention is refused, and whole months of it are archived and dropped."""

import gzip
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from events.algorithms.lines import Sender
from events.models import Event, EventKey, RejectedEvent
from events.services import Pruned, prune_events, record_events, retention
from events.tasks import prune_old_events
from tests.factories.catalogue import make_product
from tests.factories.events import event, record

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = "2003-05-31T23:59:59Z"


@pytest.fixture(autouse=True)
def clean_log():
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS events_event_200305, events_event_200306")


def tables():
    with connection.cursor() as cursor:
        return {name for name in connection.introspection.table_names(cursor) if "0030" in name}


def test_nothing_is_dropped_unless_it_is_asked_for():
    record(event(customer_id="c", occurred_at=LONG_AGO))
    assert prune_events() == Pruned()
    assert Event.objects.count() == 1


def test_what_is_older_is_refused_with_the_reason(settings):
    settings.EVENTS_RETENTION_DAYS = 30
    moments = [timezone.now() - timedelta(days=days) for days in (31, 29)]
    outcomes = record_events(
        [event(customer_id="c", occurred_at=moment.isoformat()) for moment in moments],
        Sender(is_trusted=True),
    )
    assert [outcome.code or outcome.result for outcome in outcomes] == ["too_old", "stored"]
    assert f"{moments[0] + timedelta(days=1):%Y-%m-%d}" in outcomes[0].detail
    assert RejectedEvent.objects.get().code == "too_old"


def test_whole_months_go_with_their_keys(settings):
    settings.EVENTS_RETENTION_DAYS = 365
    prune_old_events()  # what other tests left
    settings.EVENTS_RETENTION_DAYS = 0
    record(event(customer_id="c", occurred_at=LONG_AGO), event(customer_id="c"))
    settings.EVENTS_RETENTION_DAYS = 365
    assert prune_old_events() == {"months": 1, "events": 1}
    assert "events_event_200305" not in tables()
    assert Event.objects.count() == EventKey.objects.count() == 1
    assert prune_events() == Pruned()


@pytest.mark.parametrize(
    ("now", "months"), [("2003-06-30", 0), ("2003-07-01", 0), ("2003-07-02", 1)]
)
def test_a_month_goes_once_all_of_it_is_too_old(settings, monkeypatch, now, months):
    record(event(customer_id="c", occurred_at=LONG_AGO))
    settings.EVENTS_RETENTION_DAYS = 30
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    monkeypatch.setattr(retention.timezone, "now", lambda: moment)
    assert prune_events().months == months


def test_the_archive_can_be_imported_again(settings, tmp_path):
    product = make_product(public_id="lamp", sku="lamp-s")
    full = event(
        type="purchase", product_id="lamp", sku="lamp-s", customer_id="c", quantity=2,
        unit_price="9.99", currency="EUR", order_id="o", query='a "b\\c\n\td',
        occurred_at=LONG_AGO,
    )  # fmt: skip
    record(full, event(customer_id="c", occurred_at="2003-05-01T00:00:00Z"))
    columns = [
        field.attname for field in Event._meta.fields if field.name not in {"id", "received_at"}
    ]
    before = list(Event.objects.order_by("event_id").values(*columns))
    settings.EVENTS_RETENTION_DAYS, settings.EVENTS_ARCHIVE_DIR = 365, str(tmp_path)
    prune_events()
    assert not Event.objects.exists()
    (file,) = tmp_path.iterdir()
    assert file.name == "2003-05.events.jsonl.gz"
    lines = [orjson.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert lines[1]["query"] == full["query"]
    settings.EVENTS_RETENTION_DAYS = 0
    call_command("import_events", str(file))
    assert list(Event.objects.order_by("event_id").values(*columns)) == before
    assert product.pk


def test_a_month_that_is_archived_once_more_gets_a_file_of_its_own(settings, tmp_path):
    settings.EVENTS_ARCHIVE_DIR = str(tmp_path)
    for _ in range(2):
        settings.EVENTS_RETENTION_DAYS = 0
        record(event(customer_id="c", occurred_at=LONG_AGO))
        settings.EVENTS_RETENTION_DAYS = 365
        prune_events()
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"2003-05.events.jsonl.gz", "2003-05-2.events.jsonl.gz"}


@pytest.mark.parametrize("step", ["_archive", "_about"])
def test_a_run_that_dies_midway_is_finished_by_the_next(settings, tmp_path, monkeypatch, step):
    record(event(customer_id="c", occurred_at=LONG_AGO))
    settings.EVENTS_RETENTION_DAYS, settings.EVENTS_ARCHIVE_DIR = 365, str(tmp_path)
    usual = retention._about

    def die(*args):
        if step == "_archive" or "DROP" in args[1]:
            raise OSError("the disk is full")
        return usual(*args)

    with monkeypatch.context() as patched:
        patched.setattr(retention, step, die)
        with pytest.raises(OSError, match="disk"):
            prune_events()
    assert "events_event_200305" in tables()
    assert EventKey.objects.count() == 1
    assert prune_events() == Pruned(months=1, events=1)
    assert not EventKey.objects.exists()


def test_a_detaching_that_was_interrupted_is_finished(settings):
    record(event(customer_id="c", occurred_at=LONG_AGO))
    settings.EVENTS_RETENTION_DAYS = 365
    reader = connection.copy()
    reader.set_autocommit(False)
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_event")  # holds the months until it ends
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(retention, "LOCK_TIMEOUT", "50ms")
        with pytest.raises(OperationalError, match="lock timeout"):
            prune_events()
    reader.rollback()
    reader.close()
    assert prune_events() == Pruned(months=1, events=1)
