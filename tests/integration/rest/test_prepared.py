"""Statements that stay prepared: the rows of any cursor, planned once, whatever befalls."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import DataError, NotSupportedError, OperationalError, connection, transaction

from api import prepared
from api.prepared import run_prepared

TYPES = """
SELECT %(text)s::text, %(number)s::bigint, %(flag)s::bool, %(none)s::text, %(list)s::text[],
  %(id)s::uuid, %(at)s::timestamptz, 1.5::numeric, ARRAY[1, 2]::bigint[], '{"a": [1]}'::jsonb
"""
VALUES = {
    "text": "naïve 'quoted'", "number": 7, "flag": True, "none": None, "list": ['a"b', "c,d", ""],
    "id": uuid.UUID(int=1), "at": datetime(2026, 1, 2, tzinfo=UTC),
}  # fmt: skip
COUNT = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'storefront%'"


def count_prepared():
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_rows_are_those_of_any_cursor():
    with connection.cursor() as cursor:
        cursor.execute(TYPES, VALUES)
        usual = cursor.fetchall()
    assert [list(map(_plain, row)) for row in run_prepared(TYPES, VALUES)] == [
        list(map(_plain, row)) for row in usual
    ]


def _plain(value):
    return {"a": [1]} if value == '{"a": [1]}' else value  # Django leaves jsonb to its fields


@pytest.mark.django_db
def test_it_is_planned_once():
    run_prepared(TYPES, VALUES)
    before = count_prepared()
    for number in range(5):
        run_prepared(TYPES, VALUES | {"number": number})
    assert count_prepared() == before


@pytest.mark.django_db
def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(prepared, "KEPT_STATEMENTS", 3)
    run_prepared("SELECT 0", {})
    before = count_prepared()
    assert [run_prepared(f"SELECT {n} + 100", {})[0][0] for n in range(9)] == [*range(100, 109)]
    assert count_prepared() <= max(before, 3)


@pytest.fixture
def things(transactional_db):
    """A table that is about to change, and the statement that reads it, prepared."""
    read = "SELECT * FROM pg_temp.things"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE things AS SELECT 1 AS a")
        assert run_prepared(read, {}) == [(1,)]
        cursor.execute("ALTER TABLE pg_temp.things ADD COLUMN b text DEFAULT 'new'")
        yield read
        cursor.execute("DROP TABLE pg_temp.things")


def test_a_table_that_changes_is_planned_anew(things):
    assert run_prepared(things, {}) == [(1, "new")]


def test_statements_that_the_server_forgot_are_prepared_anew(things):
    assert run_prepared(things, {}) == [(1, "new")]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert run_prepared(things, {}) == [(1, "new")]


def test_a_transaction_amid_which_it_changes_fails_and_the_next_does_not(things):
    with transaction.atomic():
        run_prepared("SELECT 1", {})  # begins it
        with pytest.raises(NotSupportedError, match="cached plan"):
            run_prepared(things, {})
        transaction.set_rollback(True)
    with transaction.atomic():
        assert run_prepared("SELECT 1", {}) == [(1,)]
        assert run_prepared(things, {}) == [(1, "new")]


@pytest.mark.django_db(transaction=True)
def test_it_begins_a_transaction_and_is_undone_with_it():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE counted (n int)")
    insert = "INSERT INTO pg_temp.counted VALUES (%(n)s) RETURNING n"
    with transaction.atomic():
        assert run_prepared(insert, {"n": 1}) == [(1,)]
        assert run_prepared(insert, {"n": 2}) == [(2,)]
        transaction.set_rollback(True)
    assert run_prepared("SELECT count(*) FROM pg_temp.counted", {}) == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_errors_are_djangos_and_the_connection_stays_good():
    with pytest.raises(DataError):
        run_prepared("SELECT 1 / %(n)s::int", {"n": 0})
    with pytest.raises((DataError, ValueError)):
        run_prepared("SELECT %(text)s::text", {"text": "\0"})
    assert run_prepared("SELECT 1 / %(n)s::int", {"n": 1}) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_a_server_process_that_dies_in_between_is_an_operational_error_and_no_more():
    with pytest.raises(OperationalError):
        run_prepared("SELECT pg_terminate_backend(pg_backend_pid())::text", {})
    connection.close()  # as the end of a request does
    assert run_prepared("SELECT 1", {}) == [(1,)]
