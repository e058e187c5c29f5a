"""Monthly partitions are made ahead, on demand, and once."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from events.services import ensure_partitions, ensure_partitions_ahead
from events.tasks import make_event_partitions

pytestmark = pytest.mark.django_db


def partitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid IN"
            " (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events_event'::regclass)"
        )
        return dict(cursor.fetchall())


def test_each_month_once():
    assert ensure_partitions(date(1999, 11, 30), date(2000, 2, 1)) == 4
    assert ensure_partitions(date(1999, 11, 1), date(2000, 2, 29)) == 0
    assert partitions()["events_event_199912"] == (
        "FOR VALUES FROM ('1999-12-01 00:00:00+00') TO ('2000-01-01 00:00:00+00')"
    )


def test_migrating_made_those_that_live_events_need():
    today = timezone.now().date()
    for ahead in (0, 31, 62):
        assert f"events_event_{today + timedelta(days=ahead):%Y%m}" in partitions()
    assert ensure_partitions_ahead() == 0


def test_there_is_no_default_to_fall_into():
    assert "DEFAULT" not in partitions().values()


def test_a_partition_has_the_logs_indexes_and_checks():
    ensure_partitions(date(1998, 1, 1), date(1998, 1, 1))
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "events_event_199801")
    columns = {tuple(one["columns"]) for one in constraints.values() if one["index"]}
    assert ("customer_id", "type", "occurred_at") in columns
    assert ("visitor_id", "type", "occurred_at") in columns
    assert {"event_type", "event_has_shopper"} <= set(constraints)


def test_beat_makes_them():
    assert make_event_partitions() == {"made": 0}
