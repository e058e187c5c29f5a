"""Candidates by meaning from more products than are compared one by one."""

import numpy as np
import pytest
from django.db import connection

from catalogue.models import Product
from search.algorithms.query import parse_query
from search.models import DIMENSIONS
from search.selectors import statement
from search.selectors.candidates import Wanted, find_candidates
from search.selectors.sampling import EXACT_LIMIT
from search.services.indexing import index_products
from tests.factories.search import find_by_meaning, make_many

pytestmark = pytest.mark.django_db

MANY = 600


def topped_up(vector, model, products):
    wanted = Wanted(parse_query("x"), vector, model, products, words=False, depth=1)
    return find_candidates(wanted).topping.tolist()


@pytest.fixture
def scanning(monkeypatch):
    """As if every filter left too many products to rank exactly."""
    scanned = statement._TOPPING.replace(f"<= {statement.EXACT_LIMIT}", "< 0")
    monkeypatch.setattr(statement, "_TOPPING", scanned)


@pytest.fixture
def large(monkeypatch):
    """As if this were a large catalogue: filters that leave more than a hundred are not counted."""
    topping = statement._TOPPING.replace(f"> {4 * EXACT_LIMIT}", "> 0")
    topping = topping.replace(f"> {2 * EXACT_LIMIT} *", "> 100 *")
    # What is counted after all would be nothing: whether it was shows.
    monkeypatch.setattr(
        statement, "_TOPPING", topping.replace(f"LIMIT {EXACT_LIMIT + 1}", "LIMIT 0")
    )


@pytest.fixture
def many():
    """Products round a circle: each next one is a little further from the first."""
    products = make_many(MANY, "mug")
    index_products()
    angles = np.linspace(0, np.pi / 2, MANY)
    vectors = np.zeros((MANY, DIMENSIONS), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(angles), np.sin(angles)
    literals = ["[" + ",".join(map(str, vector)) + "]" for vector in vectors.tolist()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_productembedding (product_id, model_version, text_hash, vector)"
            " SELECT id, 'circle', '', vector::halfvec"
            " FROM unnest(%s::bigint[], %s::text[]) AS t (id, vector)",
            [[product.pk for product in products], literals],
        )
    return products


FIRST = np.eye(1, DIMENSIONS, dtype=np.float32)[0]


def test_the_vector_index_finds_what_is_nearest(many):
    found = find_by_meaning(FIRST, "circle")
    exact = [product.pk for product in many[:100]]
    assert len(set(found) & set(exact)) >= 95


@pytest.mark.parametrize("scan", [False, True])
def test_a_filter_that_leaves_few_is_topped_up_by_the_nearest(many, scan, request):
    if scan:
        request.getfixturevalue("scanning")
    last = [product.pk for product in many[-5:]]
    assert topped_up(FIRST, "circle", Product.objects.filter(pk__in=last)) == last


@pytest.mark.usefixtures("large")
def test_a_filter_that_leaves_most_of_a_large_catalogue_is_not_counted(many):
    half = [product.pk for product in many[::2]]
    found = topped_up(FIRST, "circle", Product.objects.filter(pk__in=half))
    assert len(set(found) & set(half[1:100])) >= 95
    few = Product.objects.filter(pk__in=half[:5])
    assert topped_up(FIRST, "circle", few) == []  # is counted, and here that finds nothing


@pytest.mark.usefixtures("scanning")
def test_without_iterative_scans_it_would_not(many, monkeypatch):
    off = statement.SETTINGS.replace("'relaxed_order'", "'off'")
    monkeypatch.setattr(statement, "SETTINGS", off)
    few = Product.objects.filter(pk__in=[product.pk for product in many[-5:]])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert topped_up(FIRST, "circle", few) == []
