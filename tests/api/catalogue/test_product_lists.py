"""`GET /v1/products`: filters, orderings and pages."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalogue.models import Product
from catalogue.selectors.cursors import Cursor, decode_cursor, encode_cursor
from catalogue.selectors.pages import ORDERINGS, Position
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anonymous(settings):
    settings.ANONYMOUS_READS = True


def get(path="/v1/products", **parameters):
    return Client().get(path, parameters)


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [product["id"] for product in answer.json()["results"]]


def walk(link="next", **parameters):
    """The ids of each page, from one end to the other."""
    answer = get(**parameters)
    pages = [ids(answer)]
    while url := answer.json()[link]:
        answer = Client().get(url)
        pages.append(ids(answer))
        assert len(pages) < 100
    return pages, answer


def test_a_product_has_the_wire_shape():
    make_product(
        "shirt", title="Shirt", description="Of linen.", brand="Acme", category=("Men", "Shirts"),
        image_url="https://example.com/s.jpg",
        variants=[
            {"sku": "s", "list_price": Decimal(20), "price": "15", "stock": 0},
            {"sku": "m", "list_price": Decimal("19.99"), "attributes": {"size": "M"}, "stock": 2},
        ],
    )  # fmt: skip
    assert get().json() == {
        "results": [
            {
                "id": "shirt",
                "title": "Shirt",
                "description": "Of linen.",
                "brand": "Acme",
                "category_path": ["Men", "Shirts"],
                "image_url": "https://example.com/s.jpg",
                "price": {"amount": "19.99", "currency": "USD"},
                "list_price": {"amount": "19.99", "currency": "USD"},
                "prior_price": None,
                "discount": None,
                "in_stock": True,
                "variants": [
                    {
                        "sku": "m",
                        "attributes": {"size": "M"},
                        "price": {"amount": "19.99", "currency": "USD"},
                        "list_price": {"amount": "19.99", "currency": "USD"},
                        "prior_price": None,
                        "discount": None,
                        "in_stock": True,
                    },
                    {
                        "sku": "s",
                        "attributes": {},
                        "price": {"amount": "15.00", "currency": "USD"},
                        "list_price": {"amount": "20.00", "currency": "USD"},
                        "prior_price": {"amount": "20.00", "currency": "USD"},
                        "discount": 25,
                        "in_stock": False,
                    },
                ],
            }
        ],
        "next": None,
        "previous": None,
    }


def test_what_is_unpublished_or_without_a_price_is_not_listed():
    make_product("hidden", published=False)
    make_product("nothing", variants=[])
    make_product("sold out", stock=0)
    assert ids(get()) == ["sold out"]


@pytest.fixture
def shop():
    """Products with ties in everything, one in another currency, one sold out."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(13):
        make_product(
            f"p{number}", title=f"Title {number // 3}", popularity=number // 4,
            created_at=start + timedelta(days=number // 5), category=("All",),
            variants=[
                {"list_price": Decimal(10 + number // 3), "stock": None if number % 4 else 0},
                {"list_price": Decimal(30 - number), "currency": "GBP" if number == 5 else "USD"},
            ],
        )  # fmt: skip
    for number in range(13, 20):
        currency = "GBP" if number % 2 else "USD"
        make_product(f"p{number}", currency=currency, stock=number % 3, category=("All",))


def expected_order(ordering):
    """The order as Python sorts it."""
    cards = [product for page in walk()[0] for product in page]
    shown = {p["id"]: p for p in get(limit="100").json()["results"]}
    keys = dict(Product.objects.values_list("public_id", "pk"))
    rows = {p.public_id: p for p in Product.objects.all()}

    def price(product_id):
        money = shown[product_id]["price"]
        return Decimal(money["amount"]) if money["currency"] == "USD" else None

    values = {
        "popularity": lambda i: rows[i].popularity,
        "newness": lambda i: rows[i].created_at,
        "title": lambda i: rows[i].title,
    }
    sign = -1 if ordering == "-price" else 1
    if ordering in {"price", "-price"}:
        priced = sorted((i for i in cards if price(i) is not None),
                        key=lambda i: (sign * price(i), sign * keys[i]))  # fmt: skip
        return priced + sorted((i for i in cards if price(i) is None), key=lambda i: sign * keys[i])
    return sorted(cards, key=lambda i: (values[ordering](i), keys[i]), reverse=ordering != "title")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("filters", [{}, {"category": "all"}], ids=["all", "narrowed"])
def test_pages_are_in_order_through_ties_and_absent_prices_both_ways(ordering, filters):
    pages, last = walk(limit=3, ordering=ordering, **filters)
    forward = [product_id for page in pages for product_id in page]
    assert forward == expected_order(ordering)
    assert [len(page) for page in pages] == [3] * 6 + [2]
    back = [ids(last)]
    while url := last.json()["previous"]:
        last = Client().get(url)
        back.insert(0, ids(last))
    assert [product_id for page in back for product_id in page] == forward


def test_pages_stay_in_place_while_products_come_and_go():
    for number in range(6):
        make_product(f"p{number}", popularity=number)
    first = get(limit=2)
    assert ids(first) == ["p5", "p4"]
    Product.objects.filter(public_id="p4").delete()
    make_product("new", popularity=100)
    assert ids(Client().get(first.json()["next"])) == ["p3", "p2"]


def test_filters_are_read_from_the_query():
    make_product("a", category=("Phones", "Cases"), brand="Acme", attributes={"colour": "red"})
    make_product("b", category=("Phones",), brand="Bose", list_price=Decimal(50), stock=0)
    assert ids(get(category="Phones > Cases")) == ["a"]
    assert sorted(ids(get(brand=["acme", "Bose"]))) == ["a", "b"]
    assert ids(get(price_min="20", price_max="50.00", currency="USD")) == ["b"]
    assert ids(get(in_stock="true")) == ["a"]
    assert ids(get(in_stock="0")) == ["b"]
    assert ids(get(attribute=["colour:red", "colour:blue"])) == ["a"]
    assert sorted(ids(get(title_prefix="pRODUCT", category="", price_min=""))) == ["a", "b"]


@pytest.mark.parametrize(
    ("parameters", "parameter", "code"),
    [
        ({"colour": "red"}, "colour", "unknown_parameter"),
        ({"category": "nope"}, "category", "unknown_category"),
        ({"brand": "nope"}, "brand", "unknown_brand"),
        ({"price_min": "cheap"}, "price_min", "invalid"),
        ({"price_max": "-1"}, "price_max", "invalid"),
        ({"price_max": "NaN"}, "price_max", "invalid"),
        ({"price_max": "1e99"}, "price_max", "invalid"),
        ({"currency": "EUR"}, "currency", "other_currency"),
        ({"in_stock": "maybe"}, "in_stock", "invalid"),
        ({"attribute": "red"}, "attribute", "invalid"),
        ({"brand": "a\x00b"}, "brand", "invalid"),
        ({"category": "a\x00b"}, "category", "invalid"),
        ({"title_prefix": "x" * 501}, "title_prefix", "invalid"),
        ({"ordering": "colour"}, "ordering", "invalid"),
        ({"limit": "0"}, "limit", "invalid"),
        ({"limit": "101"}, "limit", "invalid"),
        ({"cursor": "nonsense"}, "cursor", "invalid"),
        ({"cursor": "WzFd"}, "cursor", "invalid"),
        ({"cursor": "eHh4" * 2000}, "cursor", "invalid"),
    ],
)
def test_wrong_parameters_are_named(parameters, parameter, code):
    answer = get(**parameters)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [(e["parameter"], e["code"]) for e in answer.json()["errors"]] == [(parameter, code)]


def test_a_known_category_may_be_empty():
    make_product("a", category=("Phones",), published=False)
    assert ids(get(category="phones")) == []


@pytest.mark.usefixtures("shop")
def test_a_cursor_belongs_to_its_ordering():
    cursor = get(limit=3, ordering="title").json()["next"].partition("cursor=")[2].split("&")[0]
    answer = Client().get(f"/v1/products?ordering=price&cursor={cursor}")
    assert answer.json()["errors"][0]["code"] == "other_ordering"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_page_takes_two_queries(django_assert_num_queries, ordering):
    parameters = {"ordering": ordering, "limit": 10, "in_stock": "true", "brand": ""}
    with django_assert_num_queries(2):  # keys of the page; cards
        get(**parameters)
    with django_assert_num_queries(2):
        get(category="all", attribute=[], **parameters)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from([
            "category", "brand", "price_min", "price_max", "currency", "in_stock", "attribute",
            "title_prefix", "ordering", "limit", "cursor", "x",
        ]),
        st.text(max_size=40),
    )
)  # fmt: skip
def test_no_parameter_makes_a_server_error(parameters):
    assert get(**parameters).status_code in {200, 400}


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(list(ORDERINGS)),
    st.lists(
        st.one_of(
            st.integers(), st.floats(), st.text(max_size=9), st.none(), st.sampled_from([0, 1]),
            st.sampled_from(["NaN", "1e999999999", "2025-01-01", "inf", "9" * 30]),
        ),
        min_size=3, max_size=5,
    ),
)  # fmt: skip
def test_no_forged_cursor_makes_a_server_error(ordering, parts):
    cursor = urlsafe_b64encode(json.dumps([ordering, *parts]).encode()).decode()
    assert get(cursor=cursor, ordering=ordering).status_code in {200, 400}


@given(
    st.sampled_from(list(ORDERINGS)), st.booleans(), st.integers(1, 2**63 - 1),
    st.floats(0, 1e15), st.datetimes(timezones=st.just(UTC)), st.text(max_size=20),
    st.decimals(0, 10**10, places=4),
)  # fmt: skip
def test_cursors_come_back_as_they_were(ordering, backwards, key, number, time, text, amount):
    values = {
        "popularity": number, "newness": time, "title": text.replace("\x00", ""),
        "price": amount, "-price": amount,
    }  # fmt: skip
    cursor = Cursor(ordering, Position(0, values[ordering], key), backwards)
    assert decode_cursor(encode_cursor(cursor)) == cursor
