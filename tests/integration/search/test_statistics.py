"""Indexing tells PostgreSQL's planner of tables that have outgrown its statistics."""

import pytest
from django.db import connection

from catalogue.models import Product
from search.services.indexing import index_products
from search.services.statistics import TABLES, renew_statistics
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db


def known_rows():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relname = ANY(%s)", [[*TABLES]]
        )
        return dict(cursor.fetchall())


@pytest.fixture
def emptied():
    """A shop whose products were deleted, and then looked at: so its tables pass for empty."""
    for number in range(3):
        make_product(title=f"Mug {number}")
    index_products()
    Product.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
    assert set(known_rows().values()) == {0}


def test_the_planner_knows_of_products_that_follow_deleted_ones(emptied):
    for number in range(40):
        make_product(title=f"Cup {number}")
    index_products()
    assert all(rows >= 40 for rows in known_rows().values())


def test_tables_that_it_knows_are_left_alone(emptied):
    make_product()
    index_products()
    assert renew_statistics() == []
