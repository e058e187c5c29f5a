"""Whatever the rules, pages neither repeat nor skip, and show nothing that is hidden."""

from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.models import Brand, Category, Product, Variant
from search.models import MerchandisingRule
from search.selectors.merchandising import forget_merchandising
from search.selectors.state import forget_live_index
from tests.factories.catalogue import make_product
from tests.factories.merchandising import action, make_rule
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db

PRODUCTS = 14
numbers = st.integers(0, PRODUCTS - 1)
targets = st.sampled_from([{"brand": "Acme"}, {"brand": "Bolt"}, {"category": "kitchen"},
                           {"in_stock": False}, {"price_max": 15}])  # fmt: skip
product_or_target = st.one_of(numbers.map(lambda n: {"product": n}), targets)
actions = st.one_of(
    st.builds(
        lambda n, p: {"kind": "pin", "product": n, "position": p}, numbers, st.integers(1, 20)
    ),
    product_or_target.map(lambda what: {"kind": "hide"} | what),
    targets.map(lambda what: {"kind": "filter"} | what),
    st.builds(
        lambda kind, what, places: {"kind": kind, "places": places} | what,
        st.sampled_from(["boost", "bury"]), product_or_target, st.integers(1, 20),
    ),
)  # fmt: skip
conditions = st.fixed_dictionaries(
    {"priority": st.integers(-1, 1)},
    optional={
        "queries": st.sampled_from([["mug"], ["pan"]]),
        "match": st.sampled_from(["exact", "phrase"]),
        "category": st.sampled_from(["kitchen", "office"]),
    },
)  # fmt: skip
rules = st.lists(st.tuples(st.lists(actions, min_size=1, max_size=3), conditions), max_size=3)
searches = st.fixed_dictionaries(
    {"limit": st.sampled_from([1, 3, 5, 100])},
    optional={
        "q": st.sampled_from(["mug", "red mug", "pan", "-mug"]), "brand": st.just("acme"),
        "category": st.sampled_from(["kitchen", "office"]), "in_stock": st.just("true"),
        "ordering": st.sampled_from(["price", "popularity"]), "price_min": st.just("12"),
    },
)  # fmt: skip


@pytest.fixture(autouse=True)
def shop(settings, encoder, monkeypatch):
    settings.ANONYMOUS_READS = True
    monkeypatch.setattr("search.selectors.ranking.BROWSE_BLOCK", 5)
    monkeypatch.setattr("search.selectors.pages.BROWSE_BLOCK", 5)
    for number in range(PRODUCTS):
        make_product(
            f"p{number}", title=f"{'Red mug' if number % 2 else 'Pan'} {number}",
            price=10 + number, popularity=number, stock=0 if number % 5 == 0 else 5,
            category=("Kitchen",) if number % 3 else ("Office",),
            brand="Acme" if number % 4 else "Bolt",
        )  # fmt: skip
    build_index(encoder)


def make(known):
    for acts, condition in known:
        make_rule(*map(fields_of, acts), **with_rows(condition))


def fields_of(fields):
    product = fields.get("product")
    rest = with_rows({name: fields[name] for name in fields if name not in {"kind", "product"}})
    row = None if product is None else Product.objects.get(public_id=f"p{product}")
    return action(fields["kind"], row, **rest)


def with_rows(fields):
    rows = dict(fields)
    if "brand" in rows:
        rows["brand"] = Brand.objects.get(name=rows["brand"])
    if "category" in rows:
        rows["category"] = Category.objects.get(slug=rows["category"])
    return rows


def answer(parameters):
    response = Client().get("/v1/search", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def walk(parameters):
    body, found, places = answer(parameters), [], []
    for _ in range(40):
        found += [result["product"]["id"] for result in body["results"]]
        places += [result["position"] for result in body["results"]]
        if not body["next"]:
            return found, places
        body = Client().get(body["next"]).json()
    raise AssertionError("pages without end")


def concerned(fields):
    """The products that are named or described."""
    rows = Product.objects.all()
    if "product" in fields:
        rows = rows.filter(public_id=f"p{fields['product']}")
    if "title" in fields:
        rows = rows.filter(title__contains=fields["title"])
    if "brand" in fields:
        rows = rows.filter(brand__name=fields["brand"])
    if "category" in fields:
        rows = rows.filter(category__slug=fields["category"])
    if "in_stock" in fields:
        rows = rows.filter(variants__stock=0)
    if "price_max" in fields:
        rows = rows.filter(variants__offer__amount__lte=fields["price_max"])
    return set(rows.values_list("public_id", flat=True))


def applies(condition, parameters):
    query, wanted = parameters.get("q", ""), condition.get("queries")
    category = condition.get("category")
    matches = not wanted or (
        wanted[0] in query.split() if condition.get("match") == "phrase" else query == wanted[0]
    )
    return matches and (category is None or category == parameters.get("category"))


def kept_by(parameters):
    rows = Variant.objects.all()
    if "brand" in parameters:
        rows = rows.filter(product__brand__slug=parameters["brand"])
    if "category" in parameters:
        rows = rows.filter(product__category__slug=parameters["category"])
    if "in_stock" in parameters:
        rows = rows.filter(stock__gt=0)
    if "price_min" in parameters:
        rows = rows.filter(offer__amount__gte=parameters["price_min"])
    return set(rows.values_list("product__public_id", flat=True))


def check(known, parameters):
    with undone():
        make(known)
        found, places = walk(parameters)
        at_once, _ = walk(parameters | {"limit": 100})
        assert len(found) == len(set(found))
        assert places == list(range(1, len(found) + 1))
        assert found == at_once
        assert set(found) <= kept_by(parameters)
        if parameters.get("q") == "-mug":
            assert not set(found) & concerned({"title": "mug"})
        check_facets(parameters)
        in_force = [acts for acts, condition in known if applies(condition, parameters)]
        for fields in (fields for acts in in_force for fields in acts):
            if fields["kind"] == "hide":
                assert not concerned(fields) & set(found)
            if fields["kind"] == "filter":
                assert set(found) <= concerned(fields)


def check_facets(parameters):
    """A brand's count is what following it returns."""
    facets = answer(parameters | {"facets": "brand"})["facets"]
    for value in facets["brand"]:
        following = parameters | {"brand": value["id"]}
        assert answer(following | {"facets": "brand"})["facets"]["total"] == value["count"]
        assert len(walk(following)[0]) - topped_up(following) == value["count"]


def topped_up(parameters):
    """How many the filters let in from beyond the result set."""
    first = answer(parameters | {"limit": 100})["results"]
    return sum(one.get("topped_up", False) for one in first)


@contextmanager
def undone():
    """Undo all that is written, and forget what was remembered of it."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        cache.clear()
        forget_live_index()
        forget_merchandising()


quick = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(rules, searches)
def test_pages_are_whole_and_obey(known, parameters):
    check(known, parameters)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(quick, max_examples=1_500)
@given(rules, searches)
def test_pages_are_whole_and_obey_for_long(known, parameters):
    check(known, parameters)


def test_nothing_is_left_of_a_trial():
    assert not MerchandisingRule.objects.exists()
