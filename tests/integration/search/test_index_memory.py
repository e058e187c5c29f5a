"""Migrating a large shop builds its vector index in memory, unless the operator says otherwise."""

from importlib import import_module

import psycopg
import pytest
from django.db import connection

MIGRATION = import_module("search.migrations.0006_better_chosen_neighbours")

pytestmark = pytest.mark.django_db


def memory_for(products, options=""):
    """The kilobytes that a session would build an index of so many products with, and before."""
    statement = MIGRATION.TAKE_MEMORY.replace("count(*)", str(products))
    parameters = connection.get_connection_params() | {"options": options}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters) as session:
        read = "SELECT setting::bigint FROM pg_settings WHERE name = 'maintenance_work_mem'"
        (before,) = session.execute(read).fetchone()
        session.execute(statement)
        (within,) = session.execute(read).fetchone()
        session.execute(MIGRATION.GIVE_BACK)
        assert session.execute(read).fetchone() == (before,)
        return before, within


def test_what_the_graph_needs_is_taken_up_to_a_bound():
    assert memory_for(900_000)[1] == 1_800_000
    assert memory_for(50_000_000)[1] == 2 * 1024 * 1024


def test_a_small_shop_builds_with_what_the_server_gives():
    before, within = memory_for(1_000)
    assert within == before


def test_what_the_operator_set_stands():
    assert memory_for(900_000, "-c maintenance_work_mem=128MB")[1] == 128 * 1024
