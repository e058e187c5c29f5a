"""Candidates come from one statement: what it finds, and what it does not."""

import pytest
from django.db import connection

from catalogue.models import Product
from catalogue.selectors import ProductFilters
from search.algorithms.query import STOP_WORDS, parse_query
from search.selectors.candidates import Wanted, find_candidates
from search.selectors.steering import allowed_products
from search.services.indexing import index_products
from tests.factories.catalogue import make_product
from tests.factories.search import build_index, find_by_meaning, find_by_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def mugs():
    return {
        title: make_product(title=title).pk
        for title in ("Red mug", "Mug, red rim", "Red mug for tea")
    }


def test_a_phrase_must_occur(mugs, encoder):
    build_index(encoder)
    found = find_by_words('"red mug"')
    assert set(found) == {mugs["Red mug"], mugs["Red mug for tea"]}
    wanted = Wanted(parse_query('"red mug"'), encoder.encode_query("red mug"), "words-1")
    assert set(find_candidates(wanted).product_ids) == set(found)


def test_what_is_excluded_is_not_found_by_either_leg(mugs, encoder):
    build_index(encoder)
    query = parse_query('red mug -"red rim" -tea')
    wanted = Wanted(query, encoder.encode_query("red mug"), "words-1")
    assert find_candidates(wanted).product_ids.tolist() == [mugs["Red mug"]]


def test_a_phrase_of_stop_words_asks_for_nothing(mugs):
    index_products()
    assert len(find_by_words('"of the" mug')) == len(mugs)


@pytest.mark.parametrize("query", ["PH-45/x", "ph-45/X", "SKU 9"])
def test_ids_and_skus_are_found_exactly(query):
    make_product(title="Sku 9 ph-45/x ph-45/x")
    named = make_product("PH-45/x" if query != "ph-45/X" else "PH-45/X", title="Mug", sku="SKU 9")
    index_products()
    found = find_candidates(Wanted(parse_query(query)))
    assert found.product_ids[found.exact == 1].tolist() == [named.pk]


@pytest.mark.parametrize(
    "query", ["a & b | !c <-> (d:*", "'", "\\", "'; DROP TABLE x;--", "the of", ":*", "100%", "%s"]
)
def test_syntax_is_only_text(query):
    make_product(title="O'Neill's back\\slash d 100% cotton")
    index_products()
    find_by_words(query)


def test_meaning_finds_what_words_do_not(encoder):
    couch = make_product(title="Leather couch")
    make_product(title="Steel kettle")
    build_index(encoder)
    assert find_by_meaning(encoder.encode_query("sofa"), "words-1")[0] == couch.pk
    assert find_by_words("sofa") == []


def test_what_is_unlike_the_query_is_not_found_by_meaning(encoder):
    couch = make_product(title="Couch")
    make_product(title="Steel kettle")
    build_index(encoder)
    assert find_by_meaning(encoder.encode_query("sofa"), "words-1", floor=0.5) == [couch.pk]


def test_unpublished_products_and_those_of_other_models_are_not_found(encoder):
    make_product(title="Red mug", published=False)
    make_product(title="Red mug", variants=[])
    shown = make_product(title="Red mug")
    build_index(encoder)
    vector = encoder.encode_query("red mug")
    found = find_candidates(Wanted(parse_query("red mug"), vector, "words-1"))
    assert found.product_ids.tolist() == [shown.pk]
    assert find_by_meaning(vector, "another") == []


def test_publishing_is_followed(encoder):
    product = make_product(title="Red mug", published=False)
    build_index(encoder)
    assert find_by_words("mug") == []
    Product.objects.filter(pk=product.pk).update(published=True)
    assert index_products([product.pk]) == []
    assert find_by_words("mug") == [product.pk]


def test_hidden_and_pinned_products(encoder):
    first, second = make_product(title="Red mug"), make_product(title="Red mug too")
    chair = make_product(title="Chair")
    build_index(encoder)
    vector = encoder.encode_query("red mug")
    wanted = Wanted(
        parse_query("red mug"), vector, "words-1", pinned=[chair.pk], hidden=[first.pk], floor=0.4
    )
    assert set(find_candidates(wanted).product_ids) == {second.pk, chair.pk}


def test_one_round_trip(django_assert_num_queries, encoder):
    make_product(title="Red mug")
    build_index(encoder)
    products = allowed_products(ProductFilters(in_stock=True), [])
    wanted = Wanted(parse_query("mug -tea"), encoder.encode_query("mug"), "words-1", products)
    with django_assert_num_queries(1):
        find_candidates(wanted)


def test_filters_that_leave_nothing_find_nothing():
    make_product(title="Red mug")
    index_products()
    assert find_by_words("mug", products=Product.objects.none()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["mug", '"red mug"'])
def test_settings_end_with_the_statement(query, encoder):
    make_product(title="Red mug")
    build_index(encoder)
    find_candidates(Wanted(parse_query(query), encoder.encode_query("red mug"), "words-1"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('hnsw.iterative_scan', true)")
        assert cursor.fetchone()[0] in {"off", "", None}


@pytest.mark.django_db(transaction=True)
def test_a_plain_query_is_planned_once_for_all(encoder):
    make_product(title="Red mug")
    build_index(encoder)
    connection.close()  # forgets what was planned before
    vector = encoder.encode_query("mug")
    for query in ["mug", "red mug", "mug red"] * 3:
        find_candidates(Wanted(parse_query(query), vector, "words-1", tokens=["mug"]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%hnsw%'"
        )
        assert cursor.fetchone()[0] == 4


@pytest.mark.parametrize(("strange", "held"), [(["kettel"], True), (["mug"], False), ([], False)])
def test_nothing_is_looked_for_where_a_strange_word_has_no_product(encoder, strange, held):
    make_product(title="Red mug")
    build_index(encoder)
    found = find_candidates(
        Wanted(
            parse_query("kettel mug"), encoder.encode_query("kettel mug"), "words-1",
            tokens=["kettel", "mug"], strange=strange,
        )
    )  # fmt: skip
    assert found.held is held
    assert found.known.tolist() == [0, 1]
    assert (len(found.product_ids) == 0) is held


def test_an_id_is_found_however_strange(encoder):
    named = make_product("kettel", title="Red mug")
    build_index(encoder)
    found = find_candidates(Wanted(parse_query("kettel"), tokens=["kettel"], strange=["kettel"]))
    assert not found.held
    assert found.product_ids.tolist() == [named.pk]


def test_stop_words_are_those_of_the_index(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(word) FROM unnest(%s::text[]) AS word"
            " WHERE to_tsvector('english', word) = ''",
            [sorted(STOP_WORDS)],
        )
        assert set(cursor.fetchone()[0]) == STOP_WORDS
