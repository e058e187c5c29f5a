"""What is of the kind that a query names stands before what only speaks of it."""

import pytest
from django.test import Client

from tests.factories.catalogue import make_product
from tests.factories.merchandising import make_synonym
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    make_product("case", title="Acme - Red phone case", brand="Acme")
    make_product("phone", title="Acme - Red flip phone", brand="Acme")
    build_index(encoder)


def results(query, **parameters):
    given = {"q": query, "explain": "true"} | parameters
    response = Client().get("/v1/search", given)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def search(query, **parameters):
    return [(r["product"]["id"], r["explain"]["kind"]) for r in results(query, **parameters)]


def shares(query):
    return {r["product"]["id"]: r["explain"]["shares"]["kind"] for r in results(query)}


def test_a_phone_stands_before_its_case_and_a_case_before_its_phone():
    assert search("red phones") == [("phone", True), ("case", False)]
    assert search("red case for a phone") == [("case", True), ("phone", False)]


def test_its_weight_is_set(settings):
    assert shares("red phones") == {"phone": pytest.approx(0.1 / 2.16, abs=1e-4), "case": 0}
    settings.SEARCH_FUSION = settings.SEARCH_FUSION | {"kind": 0.0}
    assert shares("red phones") == {"phone": 0, "case": 0}


def test_synonyms_name_kinds_too():
    make_synonym("phone", "handset")
    assert dict(search("red handset")) == {"phone": True, "case": False}


def test_with_filters_too():
    assert search("red phones", brand="Acme") == [("phone", True), ("case", False)]
