"""A query that says nothing but what to leave out browses all the rest."""

import pytest
from django.test import Client

from catalogue.models import Product
from search.models import SearchQuery
from search.selectors.state import forget_live_index
from search.services.indexing import index_products
from tests.factories.catalogue import make_product
from tests.factories.events import make_visitor, record_event, visitor_header
from tests.factories.merchandising import action, make_rule
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db

TITLES = ("Phone case", "Red mug", "Screen protector", "Cases of glass", "Blue mug", "Screen wipe")


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    for number, title in enumerate(TITLES):
        make_product(
            f"p{number}", title=title, popularity=10 - number, price=10 + number,
            brand="Acme" if number % 2 else "Bolt",
            category=("Kitchen",) if "mug" in title else ("Office",),
        )  # fmt: skip
    build_index(encoder)


def search(headers=None, **parameters):
    response = Client().get("/v1/search", parameters, headers=headers or {})
    assert response.status_code == 200, response.content
    return response.json()


def found(headers=None, **parameters):
    return [result["product"]["id"] for result in search(headers, **parameters)["results"]]


def test_everything_else_is_shown_the_popular_first():
    body = search(q="-case")
    assert [result["product"]["id"] for result in body["results"]] == ["p1", "p2", "p4", "p5"]
    assert body["versions"]["source"] == "browse"
    assert found(q='-"screen protector"') == ["p0", "p1", "p3", "p4", "p5"]
    assert found(q='-case \u2212mug -"screen protector"') == ["p5"]
    assert found(q="-the") == found()


def test_a_lone_hyphen_says_nothing():
    for query in ("-", "--", "-*", "- &"):
        body = search(q=query)
        assert body["versions"]["source"] == "browse"
        assert len(body["results"]) == len(TITLES)
    for query in ("-case -", "- -case", "-case -* --"):
        assert found(q=query) == found(q="-case")
    assert found(q="mug -") == found(q="mug")
    assert found(q="mug -red -") == found(q="mug -red") == ["p4"]


def test_a_hyphen_or_slash_in_what_is_left_out_parts_words():
    for number, title in enumerate(
        ["Tavola Nord", "Tavola-Nord", "Nord Tavola", "Dog, cat", "Dog/Cat", "USB-C", "USBC", "Ear"]
    ):
        make_product(f"h{number}", title=title, category=("Hyphens",), popularity=-number)
    index_products()
    forget_live_index()
    hyphens = found(category="Hyphens")

    def left_out(query):
        kept = found(q=query, category="Hyphens")
        return [one for one in hyphens if one not in kept]

    assert left_out("-tavola-nord") == left_out('-"tavola nord"') == ["h0", "h1"]
    assert left_out("-dog/cat") == left_out('-"dog cat"') == ["h3", "h4"]
    assert left_out("-usb-c") == ["h5", "h6"]
    assert left_out("-in-ear") == []
    assert found(q="tavola -tavola-nord", category="Hyphens")[0] == "h2"
    assert not {"h0", "h1"} & set(found(q="tavola -tavola-nord", category="Hyphens"))


def test_filters_and_orderings_hold():
    assert found(q="-case", brand="Acme") == ["p1", "p5"]
    assert found(q="-case", category="Office") == ["p2", "p5"]
    assert found(q="-case", price_max="12") == ["p1", "p2"]
    assert found(q="-case", ordering="-price") == ["p5", "p4", "p2", "p1"]
    assert found(q="-case", brand="Acme", category="Office", price_max="10") == []


def test_pages_go_to_the_end(monkeypatch):
    monkeypatch.setattr("search.selectors.ranking.BROWSE_BLOCK", 2)
    monkeypatch.setattr("search.selectors.pages.BROWSE_BLOCK", 2)
    body, pages = search(q="-case", limit=1), []
    while body["next"]:
        pages.append([(r["product"]["id"], r["position"]) for r in body["results"]])
        body = Client().get(body["next"]).json()
    assert pages == [[("p1", 1)], [("p2", 2)], [("p4", 3)], [("p5", 4)]]
    previous = Client().get(body["previous"]).json()
    assert [r["product"]["id"] for r in previous["results"]] == ["p5"]


def test_facets_count_what_following_them_shows():
    facets = search(q="-case", facets="all")["facets"]
    assert facets["total"] == 4
    assert {value["id"]: value["count"] for value in facets["brand"]} == {"acme": 2, "bolt": 2}
    assert {value["id"]: value["count"] for value in facets["category"]} == {
        "kitchen": 2, "office": 2,
    }  # fmt: skip
    for value in facets["brand"]:
        assert len(found(q="-case", brand=value["id"])) == value["count"]
    assert search(q="-case -screen -mug", facets="all")["facets"]["total"] == 0


def test_a_new_text_is_seen_in_list_and_facets():
    assert search(q="-case", facets="brand")["facets"]["total"] == 4
    Product.objects.filter(public_id="p1").update(title="Red mug in a case")
    index_products(list(Product.objects.filter(public_id="p1").values_list("pk", flat=True)))
    forget_live_index()
    assert search(q="-case", facets="brand")["facets"]["total"] == 3
    assert "p1" not in found(q="-case")


def test_what_is_not_indexed_yet_holds_nothing():
    make_product("new", title="Another case", popularity=99)
    assert found(q="-mug")[0] == "new"


def test_nobody_gets_another_order():
    visitor = make_visitor()
    for _ in range(3):
        record_event(product=Product.objects.get(public_id="p5"), visitor=visitor)
    assert found(visitor_header(visitor), q="-case") == found(q="-case")


def test_rules_for_an_empty_query_act_and_pin_nothing_that_is_left_out():
    case, wipe = (Product.objects.get(public_id=name) for name in ("p0", "p5"))
    make_rule(action("pin", case, position=1), action("pin", wipe, position=2))
    make_rule(action("hide", Product.objects.get(public_id="p2")))
    assert found(q="-case") == ["p1", "p5", "p4"]
    assert search(q="-case", facets="brand")["facets"]["total"] == 3


def test_the_log_holds_what_was_typed():
    search(q="-case")
    logged = SearchQuery.objects.get()
    assert (logged.query, logged.source) == ("-case", "browse")
