"""A misspelt query is searched as it was meant, and says so."""

import pytest
from django.test import Client

from search.models import Word
from search.services.weighing import count_corpus
from tests.factories.catalogue import make_product
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    make_product("kettle", title="Steel kettle")
    make_product("phone", title="Samsung phone", brand="Samsung", description="A handset.")
    make_product("sofa", title="Couch")
    for number in range(30):
        make_product(f"charger{number}", title=f"Charger {number}")
    make_product("slip", title="Chargre", popularity=1)
    build_index(encoder)
    count_corpus()


def get(**parameters):
    return Client().get("/v1/search", parameters).json()


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def test_a_word_that_no_product_has_is_corrected():
    body = get(q="Kettel")
    assert ids(body) == ["kettle"]
    assert body["corrected_query"] == body["did_you_mean"] == "kettle"


def test_it_says_so_from_the_cache_and_on_later_pages_too():
    get(q="chareger", limit=10)
    body = get(q="chareger", limit=10)
    assert body["corrected_query"] == "charger"
    assert Client().get(body["next"]).json()["corrected_query"] == "charger"


def test_words_typed_together_are_parted():
    assert get(q="steelkettle")["corrected_query"] == "steel kettle"


def test_a_rare_word_is_only_questioned():
    body = get(q="chargre")
    assert ids(body)[0] == "slip"
    assert body["did_you_mean"] == "charger"
    assert "corrected_query" not in body


@pytest.mark.parametrize("query", ["steel kettle", "handset", '"kettel"', "kettle -kettel", ""])
def test_nothing_is_said_of_what_is_right_or_quoted(query):
    assert {"did_you_mean", "corrected_query"}.isdisjoint(get(q=query))


def test_a_word_that_the_model_knows_is_left_alone():
    make_product("soda", title="Soda")
    build_index()
    body = get(q="sofa")
    assert ids(body)[0] == "sofa"
    assert "corrected_query" not in body


def test_words_of_hidden_products_are_forgotten():
    make_product("hidden", title="Zeppelin", published=False)
    build_index()
    count_corpus()
    assert not Word.objects.filter(text="zeppelin").exists()
    assert Word.objects.get(text="samsung").products == 1


def test_a_correction_costs_one_statement_more(django_assert_num_queries):
    get(q="kettel -x")
    with django_assert_num_queries(4):  # both searches, cards, log
        get(q="kettel")
