"""`GET /v1/search` answers as the contract says, whatever is asked."""

from uuid import UUID

import pytest
from django.test import Client

from tests.factories.catalogue import make_product
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    make_product(
        "couch", title="Leather couch", brand="Acme", category=("Home", "Seats"), price=300
    )
    make_product("kettle", title="Steel kettle", category=("Home",), price=30, popularity=5)
    make_product("mug", title="Red mug", description="For tea.", price=8, popularity=9)
    build_index(encoder)


def search(**parameters):
    return Client().get("/v1/search", parameters)


def found(**parameters):
    response = search(**parameters)
    assert response.status_code == 200, response.content
    return [result["product"]["id"] for result in response.json()["results"]]


def test_the_answer_has_the_shape_of_the_contract():
    body = search(q="red mug").json()
    wanted = {"request_id", "results", "redirect", "banner", "next", "previous", "versions"}
    assert set(body) == wanted
    UUID(body["request_id"])
    assert body["versions"] == {
        "source": "hybrid", "index": body["versions"]["index"], "model": "words-1", "ranking": "4",
        "merchandising": 0,
    }  # fmt: skip
    first = body["results"][0]
    assert set(first) == {"product", "position", "score"}
    assert first["position"] == 1
    assert first["product"]["id"] == "mug"
    assert first["product"]["price"] == {"amount": "8.00", "currency": "USD"}
    assert body["next"] is None
    assert body["previous"] is None


def test_meaning_counts():
    assert found(q="sofa")[0] == "couch"


def test_each_answer_has_its_own_request_id():
    assert search(q="mug").json()["request_id"] != search(q="mug").json()["request_id"]


def test_explain_tells_why():
    result = search(q="red mug", explain="true").json()["results"][0]
    assert result["explain"]["semantic_rank"] == 1
    assert result["explain"]["keyword_rank"] == 1
    assert result["explain"]["similarity"] > 0.5
    assert result["explain"]["keyword_score"] > 0
    assert result["explain"]["fused_score"] == pytest.approx(result["score"])
    assert sum(result["explain"]["shares"].values()) == pytest.approx(result["score"], abs=1e-3)
    assert result["explain"]["kind"] is True
    assert result["explain"]["exact"] is False
    assert result["explain"]["personal_places"] == 0
    assert result["explain"]["rule"] is None


def test_an_empty_query_browses_by_popularity():
    assert found() == found(q="") == found(q=" \x00 ") == ["mug", "kettle", "couch"]
    assert search().json()["versions"]["source"] == "browse"


@pytest.mark.parametrize(
    "query",
    [
        "x" * 10_000, "waterproof " * 1000,
        "👩‍👩‍👧‍👦🔥", "\x00\x01\x1f", "\ud800", "null", "\u202e",
        "'; DROP TABLE x;--", "a & b | !c <-> (d:*", "((((", ":*", "\\", "%s %(x)s", "<script>",
        "ａｂｃ",
    ],
)  # fmt: skip
def test_odd_queries_are_answered(query):
    assert search(q=query.encode("utf-8", "surrogatepass")).status_code == 200


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"query": "mug"}, "query"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"ordering": "best"}, "ordering"),
        ({"explain": "maybe"}, "explain"),
        ({"personalise": ""}, "personalise"),
        ({"price_min": "cheap"}, "price_min"),
        ({"price_max": "-1"}, "price_max"),
        ({"price_max": "NaN"}, "price_max"),
        ({"currency": "XXX"}, "currency"),
        ({"category": "\x00"}, "category"),
        ({"brand": "Nobody"}, "brand"),
        ({"category": "Nowhere"}, "category"),
        ({"attribute": "red"}, "attribute"),
        ({"title_prefix": "Red"}, "title_prefix"),
        ({"cursor": "made-up"}, "cursor"),
    ],
)
def test_wrong_parameters_are_named(parameters, named):
    response = search(**parameters)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["parameter"] == named


def test_an_id_or_sku_is_found_first():
    make_product("zz-1", title="Bowl", sku="BOWL/1")
    build_index()
    assert found(q="zz-1")[0] == found(q="bowl/1")[0] == "zz-1"
    assert search(q="zz-1", explain="true").json()["results"][0]["explain"]["exact"] is True


def test_nothing_like_a_query_is_found_for_nonsense():
    assert found(q="xqzzt") == []


def test_phrases_and_exclusions():
    make_product("rim", title="Mug with a red rim")
    build_index()
    assert found(q='"red mug"') == ["mug"]
    assert found(q='"red mug"', category="Home") == []
    assert found(q="mug -rim") == ["mug"]


def test_what_tops_up_a_page_says_so():
    results = search(q="mug", category="Home").json()["results"]
    assert {r["product"]["id"] for r in results} == {"couch", "kettle"}
    assert all(r["topped_up"] for r in results)
    assert "topped_up" not in search(q="mug").json()["results"][0]
    assert found(q="mug", category="Home", ordering="price") == []


def test_filters():
    assert found(q="home", category="Home > Seats") == ["couch"]
    assert set(found(q="anything", category="home")) == {"couch", "kettle"}
    assert found(q="anything", brand="Acme") == ["couch"]
    assert set(found(q="anything", price_max="30")) == {"kettle", "mug"}
    assert found(q="anything", price_min="20", price_max="100", currency="USD") == ["kettle"]
    assert found(category="Home") == ["kettle", "couch"]


def test_attribute_filters():
    make_product("blue", title="Blue mug", attributes={"colour": "blue"})
    build_index()
    assert found(q="mug", attribute="colour:blue") == ["blue"]


def test_stock_filters():
    make_product("gone", title="Red mug too", stock=0)
    build_index()
    assert found(q="mug", in_stock="false") == ["gone"]
    assert "gone" not in found(q="mug", in_stock="true")
    assert "gone" in found(q="mug")


def test_orderings():
    query = "mug kettle couch"
    assert found(q=query, ordering="price") == ["mug", "kettle", "couch"]
    assert found(q=query, ordering="-price") == ["couch", "kettle", "mug"]
    assert found(q=query, ordering="popularity") == ["mug", "kettle", "couch"]
    assert found(q=query, ordering="newness") == ["mug", "kettle", "couch"]
    assert found(ordering="price") == ["mug", "kettle", "couch"]


def test_reading_needs_a_key_where_it_is_not_open(settings):
    settings.ANONYMOUS_READS = False
    assert search(q="mug").status_code == 401


def test_a_customer_is_named_with_a_secret_key_only():
    assert search(q="mug", customer_id="c1").status_code == 403


def test_an_unchanged_anonymous_answer_is_a_304():
    first = search(q="mug")
    again = Client().get("/v1/search", {"q": "mug"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
