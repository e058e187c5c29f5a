"""What is suggested while a shopper types, and what never is."""

import pytest
from django.test import Client

from catalogue.models import Product
from customers.services import link_visitor
from search.services.suggestions import build_suggestions
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, make_visitor, record_event
from tests.factories.merchandising import action, block, make_rule, search_and
from tests.factories.search import build_index, make_many

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    for number, title in enumerate(["Samsung Galaxy", "Galaxy Projector", "Garden hose"]):
        make_product(
            f"p{number}", title=title, brand="Gardena" if number == 2 else "Samsung",
            category=("Garden",) if number == 2 else ("Phones", "Gadgets"), popularity=10 - number,
        )  # fmt: skip
    build_index(encoder)
    build_suggestions()


def suggest(q=None, **parameters):
    given = parameters if q is None else parameters | {"q": q}
    response = Client().get("/v1/search/suggestions", given)
    assert response.status_code == 200, response.content
    return response.json()


def titles(body):
    return [product["title"] for product in body["products"]]


def names(body):
    return [row["name"] for row in body["categories"] + body["brands"]]


def succeed(query, times, kind="click", **parameters):
    for _ in range(times):
        search_and(kind, query, **parameters)


def test_a_prefix_of_any_word_the_popular_first():
    assert titles(suggest("ga")) == ["Samsung Galaxy", "Galaxy Projector", "Garden hose"]
    assert titles(suggest("galaxy p")) == ["Galaxy Projector"]
    assert titles(suggest("GÁLAXY-p")) == ["Galaxy Projector"]
    assert names(suggest("ga")) == ["Gadgets", "Garden", "Gardena"]


def test_a_finished_word_is_not_continued():
    assert names(suggest("garden")) == ["Garden", "Gardena"]
    assert titles(suggest("garden ")) == ["Garden hose"]


def test_nothing_typed_gives_what_is_popular():
    assert titles(suggest())[0] == "Samsung Galaxy"


def test_a_suggested_product_shows_what_a_card_shows():
    product = suggest("samsung g")["products"][0]
    assert product["price"] == {"amount": "10.00", "currency": "USD"}
    assert product["brand"] == "Samsung"
    assert product["in_stock"] is True


@pytest.mark.parametrize("kind", ["click", "add_to_cart", "purchase"])
def test_a_query_is_suggested_once_several_shoppers_succeeded_with_it(kind):
    succeed("Gardening", 2, kind)
    build_suggestions()
    assert suggest("gard")["queries"] == []
    succeed("gardening", 1, kind)
    build_suggestions()
    assert suggest("gard")["queries"] == ["gardening"]


def test_the_queries_of_more_shoppers_come_first():
    succeed("garden hose", 3)
    succeed("galaxy", 4)
    build_suggestions()
    assert suggest("ga")["queries"] == ["galaxy", "garden hose"]
    assert suggest("hos")["queries"] == ["garden hose"]


def test_one_shopper_is_one_however_often_and_on_however_many_devices():
    customer, devices = make_customer(), [make_visitor() for _ in range(4)]
    for device in devices:
        link_visitor(device.pk, customer.public_id)
        search_and("click", "galaxy", device)
        search_and("click", "galaxy", device)
    build_suggestions()
    assert suggest("gal")["queries"] == []


def test_searching_alone_is_no_success():
    succeed("galaxy", 5, None)
    build_suggestions()
    assert suggest("gal")["queries"] == []


def test_another_shoppers_click_or_another_product_is_no_success():
    hose = Product.objects.get(public_id="p2")
    for _ in range(4):
        body = search_and(None, "samsung", brand="samsung")
        record_event(
            "click", visitor=make_visitor(), product_id="p0", request_id=body["request_id"]
        )
        visitor = make_visitor()
        body = search_and(None, "samsung", visitor, brand="samsung")
        record_event("click", visitor=visitor, product=hose, request_id=body["request_id"])
    build_suggestions()
    assert suggest("sams")["queries"] == []


@pytest.mark.parametrize(
    "query", ["galaxy ann@web.example", "galaxy 0171 234 56 78", "galaxy www.web.example", "g"]
)
def test_what_reads_like_a_person_or_an_address_is_never_suggested(query):
    make_product("letter", title="Letter G")
    build_index()
    succeed(query, 4)
    build_suggestions()
    assert suggest("g")["queries"] == []
    assert suggest(query)["queries"] == []


def test_what_is_blocked_is_never_suggested_from_the_next_moment_on():
    succeed("garden hose", 3)
    build_suggestions()
    assert suggest("hose")["queries"] == ["garden hose"]
    block("Hose")
    found = suggest("hose")
    assert found["queries"] == []
    assert found["products"] == []
    assert names(suggest("garden")) == ["Garden", "Gardena"]


def test_the_unpublished_is_gone_at_once_with_all_that_led_to_nothing_else():
    succeed("garden hose", 3)
    build_suggestions()
    Product.objects.filter(public_id="p2").update(published=False)
    found = suggest("garden")
    assert found["queries"] == []
    assert found["products"] == []
    assert names(found) == []


def test_what_a_rule_hides_everywhere_is_not_suggested():
    make_rule(action("hide", Product.objects.get(public_id="p0")))
    assert titles(suggest("gal")) == ["Galaxy Projector"]
    make_rule(action("hide", brand=Product.objects.get(public_id="p1").brand))
    assert titles(suggest("gal")) == []


def test_a_frequent_prefix_has_its_best_chosen_beforehand(django_assert_num_queries):
    make_many(300, "Gasket ring")
    build_suggestions()
    assert titles(suggest("gas"))[:2] == ["Gasket ring 299", "Gasket ring 298"]
    assert titles(suggest("gasket ring 12"))[0] == "Gasket ring 129"
    with django_assert_num_queries(1):
        assert len(suggest("gas", limit=20)["products"]) == 20


def test_building_again_follows_the_catalogue():
    Product.objects.filter(public_id="p1").update(title="Beamer", popularity=99)
    build_suggestions()
    assert titles(suggest("proj")) == []
    assert titles(suggest("be")) == ["Beamer"]
    assert titles(suggest())[0] == "Beamer"


@pytest.mark.parametrize(
    "q", ["", " ", "\x00", "%", "_", "'", "\\", "\U0010ffff", "x" * 5000, "😀"]
)
def test_anything_may_be_typed(q):
    suggest(q)


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "21"}, {"limit": "x"}, {"a": 1}])
def test_wrong_parameters_are_refused(parameters):
    response = Client().get("/v1/search/suggestions", parameters)
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] in parameters


def test_what_is_to_be_left_out_is_not_completed_but_left_out():
    assert titles(suggest("-gar")) == ["Samsung Galaxy", "Galaxy Projector"]
    assert names(suggest("-gar")) == ["Phones", "Gadgets", "Samsung"]
    assert titles(suggest("galaxy -proj")) == ["Samsung Galaxy"]
    assert titles(suggest('-"galaxy projector"')) == ["Samsung Galaxy", "Garden hose"]


def test_a_query_that_only_leaves_out_is_not_suggested(settings):
    settings.SEARCH_SUGGESTION_SHOPPERS = 1
    succeed("-projector", 3)
    succeed("galaxy -projector", 3)
    build_suggestions()
    assert suggest()["queries"] == ["galaxy -projector"]
