"""Rules and synonyms at work: on every page, in every order, at once, within all filters."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from catalogue.models import Brand, Category, Product, Variant
from search.models import MerchandisingRule, SearchQuery
from search.selectors.state import forget_live_index
from search.services.vocabulary import gather_vocabulary
from tests.factories.catalogue import make_product
from tests.factories.events import bearer, make_visitor, record_event, visitor_header
from tests.factories.merchandising import action, make_rule, make_synonym
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, encoder):
    settings.ANONYMOUS_READS = True
    for number in range(12):
        make_product(
            f"mug{number}", title=f"Mug {number}", price=10 + number, popularity=100 - number,
            category=("Kitchen", "Mugs") if number % 2 else ("Office",),
            brand="Acme" if number % 3 else "Bolt",
        )  # fmt: skip
    make_product("pan", title="Frying pan", category=("Kitchen",), brand="Acme", price=30)
    build_index(encoder)


def search(headers=None, **parameters):
    response = Client().get("/v1/search", parameters, headers=headers or {})
    assert response.status_code == 200, response.content
    return response.json()


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def walk(**parameters):
    """Every id, page by page, and the positions."""
    body, found, places = search(**parameters), [], []
    for _ in range(50):
        found += ids(body)
        places += [result["position"] for result in body["results"]]
        if not body["next"]:
            return found, places
        body = Client().get(body["next"]).json()
    raise AssertionError("pages without end")


def product(public_id):
    return Product.objects.get(public_id=public_id)


def test_a_pin_stands_where_it_is_pinned_and_is_found_but_once():
    make_rule(action("pin", product("pan"), position=3), queries=["mug"])
    found, places = walk(q="Mug!", limit=2)
    assert found[2] == "pan"
    assert found.count("pan") == 1
    assert len(found) == len(set(found)) == 13
    assert places == list(range(1, 14))
    assert "pan" not in ids(search(q="mug 3", limit=5))


def test_a_pin_keeps_to_the_shoppers_filters_and_order():
    make_rule(action("pin", product("pan"), position=1))
    assert ids(search(q="mug", category="kitchen"))[0] == "pan"
    assert "pan" not in ids(search(q="mug", category="office"))
    assert "pan" not in ids(search(q="mug", price_max="20"))
    cheapest = ids(search(q="mug", ordering="price"))
    assert cheapest.index("pan") == len(cheapest) - 1


def test_a_pin_needs_to_be_bought_and_published():
    make_rule(action("pin", product("pan"), position=1), queries=["mug"])
    assert ids(search(q="mug"))[0] == "pan"
    Variant.objects.filter(product__public_id="pan").update(stock=0)
    assert ids(search(q="mug"))[0] != "pan"
    Variant.objects.filter(product__public_id="pan").update(stock=5)
    assert ids(search(q="mug"))[0] == "pan"
    Product.objects.filter(public_id="pan").update(published=False)
    assert "pan" not in ids(search(q="mug"))


def test_the_hidden_is_on_no_page_in_no_order_and_under_no_filter():
    make_rule(action("hide", product("mug3")))
    make_rule(action("hide", brand=Brand.objects.get(name="Bolt")), queries=["mug"])
    bolts = {f"mug{number}" for number in range(0, 12, 3)}
    for parameters in ({}, {"ordering": "price"}, {"category": "kitchen"}, {"in_stock": "true"}):
        found, _ = walk(q="mug", limit=3, **parameters)
        assert found
        assert not {"mug3", *bolts} & set(found)
    browsed, _ = walk(limit=4)
    assert "mug3" not in browsed
    assert bolts - {"mug3"} < set(browsed)


def test_what_is_hidden_after_the_first_page_is_on_no_later_one():
    body = search(q="mug", limit=4)
    rest = ids(Client().get(body["next"]).json())
    make_rule(action("hide", product(rest[0])))
    following = Client().get(body["next"]).json()
    assert rest[0] not in ids(following)
    assert ids(following)[0] == rest[1]
    assert following["results"][0]["position"] == 5


def test_a_filter_keeps_nothing_else():
    kitchen = Category.objects.get(slug="kitchen")
    make_rule(action("filter", category=kitchen), queries=["mug"])
    found, _ = walk(q="mug", limit=3)
    assert {f"mug{number}" for number in range(1, 12, 2)} <= set(found)
    assert not {f"mug{number}" for number in range(0, 12, 2)} & set(found)


def test_boost_and_bury_move_what_they_describe_and_explain_it():
    plain, _ = walk(q="mug")
    rule = make_rule(action("boost", product(plain[6]), places=4), name="Up", queries=["mug"])
    make_rule(action("bury", in_stock=True, price_max=10, places=3), name="Down", queries=["mug"])
    body = search(q="mug", explain="true")
    where = ids(body)
    assert where.index(plain[6]) == 2
    explained = body["results"][2]["explain"]["rule"]
    assert explained == {"id": rule.pk, "name": "Up", "action": "boost", "places": 4}
    buried = body["results"][where.index("mug0")]["explain"]["rule"]
    assert (buried["name"], buried["action"], buried["places"]) == ("Down", "bury", -3)


def test_browsing_a_category_obeys_its_rules_and_no_others():
    kitchen = Category.objects.get(slug="kitchen")
    make_rule(action("pin", product("mug11"), position=2), category=kitchen)
    assert ids(search(category="Kitchen"))[1] == "mug11"
    assert ids(search(category="kitchen/mugs"))[1] == "mug11"
    assert ids(search(category="office"))[1] != "mug11"
    assert ids(search())[1] != "mug11"


def test_browsing_in_blocks_neither_repeats_nor_skips(monkeypatch):
    monkeypatch.setattr("search.selectors.ranking.BROWSE_BLOCK", 4)
    monkeypatch.setattr("search.selectors.pages.BROWSE_BLOCK", 4)
    make_rule(
        action("pin", product("mug11"), position=2), action("pin", product("pan"), position=3),
        action("hide", product("mug5")), action("bury", product("mug0"), places=2),
    )  # fmt: skip
    for limit in (1, 3, 4, 5):
        found, places = walk(limit=limit)
        assert found[1:3] == ["mug11", "pan"]
        assert sorted(found) == sorted({f"mug{n}" for n in range(12)} - {"mug5"} | {"pan"})
        assert places == list(range(1, 13))


def test_a_window_opens_and_closes_by_itself():
    now, hour = timezone.now(), timedelta(hours=1)
    pin = action("pin", product("pan"), position=1)
    late = make_rule(pin, queries=["mug"], starts_at=now + hour)
    assert ids(search(q="mug"))[0] != "pan"
    MerchandisingRule.objects.filter(pk=late.pk).update(starts_at=now - hour, ends_at=now + hour)
    forget_live_index()
    assert ids(search(q="mug"))[0] == "pan"
    MerchandisingRule.objects.filter(pk=late.pk).update(ends_at=now)
    forget_live_index()
    assert ids(search(q="mug"))[0] != "pan"


def test_redirect_and_banner_of_the_strongest_rule():
    assert search(q="mug")["redirect"] is None
    make_rule(action("banner", text="All mugs", url="/mugs"), queries=["mug"])
    strong = make_rule(
        action("redirect", url="/sale"), action("banner", text="Sale"), priority=1, queries=["mug"]
    )
    body = search(q="mug")
    assert body["redirect"] == {"url": "/sale", "rule_id": strong.pk}
    assert body["banner"] == {"text": "Sale", "image_url": "", "url": "", "rule_id": strong.pk}
    assert body["results"]


def test_a_change_is_followed_though_the_list_is_cached():
    before = ids(search(q="mug"))
    rule = make_rule(action("pin", product(before[5]), position=1))
    after = search(q="mug")
    assert ids(after)[0] == before[5]
    version = after["versions"]["merchandising"]
    rule.delete()
    forget_live_index()
    back = search(q="mug")
    assert ids(back) == before
    assert back["versions"]["merchandising"] > version


def test_rules_have_the_last_word_over_taste():
    visitor = make_visitor()
    for _ in range(5):
        record_event("purchase", product=product("mug11"), visitor=visitor)
    plain, own = ids(search(q="mug")), ids(search(visitor_header(visitor), q="mug"))
    assert plain != own
    make_rule(action("pin", product("pan"), position=1), action("pin", product("mug0"), position=2))
    assert ids(search(visitor_header(visitor), q="mug"))[:2] == ["pan", "mug0"]


def test_taste_moves_nobody_farther_than_its_bound_and_is_in_no_shared_list():
    visitor = make_visitor()
    record_event("purchase", product=product("mug11"), visitor=visitor)
    plain = ids(search(q="mug"))
    own = ids(search(visitor_header(visitor), q="mug"))
    assert own != plain
    assert sorted(own) == sorted(plain)
    assert all(abs(own.index(id_) - plain.index(id_)) <= 10 for id_ in plain)
    assert ids(search(q="mug")) == plain
    assert ids(search(visitor_header(make_visitor()), q="mug")) == plain
    assert ids(search(visitor_header(visitor), q="mug", personalise="false")) == plain


def test_synonyms_find_what_else_is_meant(encoder):
    assert "pan" not in [
        result["product"]["id"] for result in search(q="skillet", explain="true")["results"]
        if result["explain"]["keyword_rank"]
    ]  # fmt: skip
    make_synonym("frying pan", phrase="skillet")
    first = search(q="skillet", explain="true")["results"][0]
    assert first["product"]["id"] == "pan"
    assert first["explain"]["keyword_rank"] == 1


def test_synonyms_reach_the_search_by_meaning(encoder):
    make_product("wok", title="Stir pan of steel")
    make_product("tawa", title="Griddle")
    build_index(encoder)
    make_synonym("griddle", phrase="tava")
    best = search(q="tava", explain="true")["results"][0]
    assert best["product"]["id"] == "tawa"
    assert best["explain"]["semantic_rank"] == 1
    assert best["explain"]["similarity"] == pytest.approx(np.sqrt(0.5), abs=0.1)


def test_words_beside_one_with_synonyms_are_corrected_and_that_one_is_not(encoder):
    make_product("kettle", title="Steel kettle")
    make_product("pan2", title="Steel frying pan")
    build_index(encoder)
    gather_vocabulary()
    make_synonym("frying pan", phrase="steal")
    body = search(q="steal kettel")
    assert body["corrected_query"] == "steal kettle"
    assert {"kettle", "pan2"} <= set(ids(body))


def preview(body, headers=None, status=200, **parameters):
    path = "/v1/search/rules/preview?" + "&".join(f"{k}={v}" for k, v in parameters.items())
    headers = headers or bearer("secret", ["search:read"])
    response = Client().post(path, body, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def draft(*actions, **fields):
    return {"rule": {"name": "draft", "actions": list(actions), "queries": ["mug"]} | fields}


def test_a_dry_run_shows_before_and_after_and_changes_nothing():
    before = ids(search(q="mug"))
    logged = SearchQuery.objects.count()
    wanted = draft(
        {"kind": "pin", "product": "pan", "position": 1},
        {"kind": "hide", "product": before[0]},
        {"kind": "banner", "text": "Hi"},
        starts_at="2100-01-01T00:00:00Z",
    )
    body = preview(wanted, q="mug", limit=5)
    assert body["applies"] is True
    assert ids({"results": body["before"]}) == before[:5]
    assert ids({"results": body["after"]}) == ["pan", *before[1:5]]
    assert [hit["was"] for hit in body["after"]] == [None, 2, 3, 4, 5]
    assert body["after"][0]["rule"]["action"] == "pin"
    assert body["banner"]["text"] == "Hi"
    assert not MerchandisingRule.objects.exists()
    assert SearchQuery.objects.count() == logged
    assert ids(search(q="mug")) == before


def test_a_dry_run_in_place_of_a_rule_and_beside_others():
    old = make_rule(action("pin", product("mug7"), position=1), queries=["mug"])
    make_rule(action("pin", product("mug8"), position=2), queries=["mug"])
    wanted = draft({"kind": "pin", "product": "pan", "position": 1})
    body = preview(wanted | {"replaces": old.pk}, q="mug")
    assert ids({"results": body["before"]})[:2] == ["mug7", "mug8"]
    assert ids({"results": body["after"]})[:2] == ["pan", "mug8"]


def test_a_dry_run_tells_when_the_rule_does_not_apply():
    wanted = draft({"kind": "hide", "product": "mug1"})
    assert preview(wanted, q="pan")["applies"] is False
    assert preview(wanted, q="mug", category="office")["applies"] is True


def test_a_dry_run_is_not_for_everybody():
    wanted = draft({"kind": "hide", "product": "mug1"})
    preview(wanted, bearer(), status=403, q="mug")
    preview(wanted, status=400, q="mug", cursor="x")
    preview({"rule": {}}, status=400, q="mug")
    preview(draft({"kind": "hide"}), status=400, q="mug")
