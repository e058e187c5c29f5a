"""Candidates come from one statement, exactly or along the vector index."""

import numpy as np
import pytest
from django.db import connection

from catalogue.models import Product
from catalogue.selectors import ProductFilters
from search.models import DIMENSIONS
from search.selectors import candidates
from search.selectors.candidates import hybrid_search, keyword_search, semantic_search
from search.selectors.ranking import filtered_products
from search.services.indexing import index_products
from tests.factories.catalogue import make_product
from tests.factories.search import WordEncoder, build_index, make_many

pytestmark = pytest.mark.django_db

MANY = 600


def everything():
    return Product.objects.published()


def by_rank(found, leg):
    ranked = sorted((c for c in found if getattr(c, leg)), key=lambda c: getattr(c, leg))
    return [candidate.product_id for candidate in ranked]


@pytest.fixture
def scanning(monkeypatch):
    """As if every filter left too many products to rank exactly."""
    narrow = candidates._ALLOWED.replace(f"<= {candidates.EXACT_LIMIT}", "< 0")
    monkeypatch.setattr(candidates, "_ALLOWED", narrow)


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


def test_any_word_will_do_and_more_words_are_better():
    both = make_product(title="Red mug")
    one = make_product(title="Blue mug")
    make_product(title="Chair")
    index_products()
    assert by_rank(keyword_search("red mugs", everything()), "keyword_rank") == [both.pk, one.pk]


def test_the_title_counts_for_more_than_the_description():
    described = make_product(title="Plate", description="Goes with any teapot.")
    titled = make_product(title="Teapot")
    index_products()
    assert by_rank(keyword_search("teapot", everything()), "keyword_rank") == [
        titled.pk, described.pk,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query", ["a & b | !c <-> (d:*", "'", "\\", "'; DROP TABLE x;--", "the of", ":*", "100%", "%s"]
)
def test_syntax_is_only_text(query):
    make_product(title="O'Neill's back\\slash d 100% cotton")
    index_products()
    keyword_search(query, everything())


def test_meaning_finds_what_words_do_not():
    couch = make_product(title="Leather couch")
    make_product(title="Steel kettle")
    encoder = WordEncoder()
    build_index(encoder)
    vector = encoder.encode_query("sofa")
    found = hybrid_search("sofa", vector, encoder.model_version, everything())
    assert by_rank(found, "semantic_rank")[0] == couch.pk
    assert by_rank(found, "keyword_rank") == []


def test_unpublished_products_and_those_of_other_models_are_not_found():
    hidden = make_product(title="Red mug", published=False)
    unpriced = make_product(title="Red mug", variants=[])
    shown = make_product(title="Red mug")
    encoder = WordEncoder()
    build_index(encoder)
    vector = encoder.encode_query("red mug")
    found = {c.product_id for c in hybrid_search("red mug", vector, "words-1", everything())}
    assert found == {shown.pk}
    assert {hidden.pk, unpriced.pk}.isdisjoint(found)
    assert semantic_search(vector, "another", everything()) == []


def test_one_round_trip(django_assert_num_queries):
    make_product(title="Red mug")
    encoder = WordEncoder()
    build_index(encoder)
    vector = encoder.encode_query("mug")
    with django_assert_num_queries(1):
        hybrid_search("mug", vector, encoder.model_version, everything())


def test_filters_that_leave_nothing_find_nothing():
    make_product(title="Red mug")
    index_products()
    assert keyword_search("mug", everything().none()) == []


def test_exact_and_scanned_agree(many, request):
    exact = by_rank(semantic_search(FIRST, "circle", everything()), "semantic_rank")
    assert exact == [product.pk for product in many[: candidates.DEPTH]]
    request.getfixturevalue("scanning")
    scanned = by_rank(semantic_search(FIRST, "circle", everything()), "semantic_rank")
    assert len(set(scanned) & set(exact)) >= 0.95 * len(exact)


@pytest.mark.usefixtures("scanning")
def test_a_filter_does_not_starve_the_vector_index(many):
    last = [product.pk for product in many[-5:]]
    few = everything().filter(pk__in=last)
    found = by_rank(semantic_search(FIRST, "circle", few), "semantic_rank")
    assert found == last


@pytest.mark.usefixtures("scanning")
def test_without_iterative_scans_it_would(many, monkeypatch):
    off = candidates._SETTINGS.replace("'relaxed_order'", "'off'")
    monkeypatch.setattr(candidates, "_SETTINGS", off)
    few = everything().filter(pk__in=[product.pk for product in many[-5:]])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert semantic_search(FIRST, "circle", few) == []


@pytest.mark.django_db(transaction=True)
def test_settings_end_with_the_statement():
    make_product(title="Red mug")
    index_products()
    keyword_search("mug", filtered_products(ProductFilters()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('hnsw.iterative_scan', true)")
        assert cursor.fetchone()[0] in {"off", "", None}
