"""The `ETag`: the same while nothing changed, another with all that an answer follows from."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalogue.models import Product, Variant
from recommendations.selectors.specs import forget_placements
from recommendations.services.refreshing import refresh_due_shoppers
from tests.factories.events import customer_header, record_event
from tests.factories.placements import make_placement
from tests.factories.pricing import reprice
from tests.factories.recommendations import train_now


@pytest.fixture
def conditional(client):
    def conditional(path, headers=None, etag=None):
        headers = (headers or {}) | ({"If-None-Match": etag} if etag else {})
        return client.get(f"/v1/recommendations{path}", headers=headers)

    return conditional


@pytest.mark.usefixtures("steady_memory")
@pytest.mark.parametrize("path", ["/home", "/cart", "?placements=home,trending"])
@pytest.mark.parametrize("known", [False, True])
def test_unchanged_is_304_without_a_look_at_products(shop, run, conditional, path, known):
    headers = customer_header(shop.gardener.public_id) if known else {}
    first = conditional(path, headers)
    with CaptureQueriesContext(connection) as captured:
        again = conditional(path, headers, first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert len(captured) == 1
    assert "catalogue_offer" not in captured[0]["sql"]
    assert conditional(path, headers, f"W/{first['ETag']}").status_code == 304
    assert conditional(path, headers, '"another"').status_code == 200


CHANGES = {
    "price": lambda _: reprice(Decimal(7)),
    "stock": lambda _: Variant.objects.update(stock=5),
    "publication": lambda shop: Product.objects.filter(pk=shop.kitchen[0].pk).update(
        published=False
    ),
    "run": lambda _: train_now(),
    "placement": lambda _: make_placement("home", max_per_category=2),
}
OWN_CHANGES = {
    "view": lambda shop: record_event("view", product=shop.kitchen[1], customer=shop.gardener),
    "cart": lambda shop: record_event(
        "add_to_cart", product=shop.kitchen[1], customer=shop.gardener
    ),
    "interest": lambda shop: record_event(
        "not_interested", product=shop.kitchen[1], customer=shop.gardener
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("known", [False, True])
def test_what_changes_an_answer_changes_its_validator(shop, run, conditional, change, known):
    headers = customer_header(shop.gardener.public_id) if known else {}
    etag = conditional("/home", headers)["ETag"]
    change(shop)
    forget_placements()
    answer = conditional("/home", headers, etag)
    assert answer.status_code == 200
    assert answer["ETag"] != etag


@pytest.mark.parametrize("change", OWN_CHANGES.values(), ids=OWN_CHANGES)
def test_what_the_shopper_does_changes_their_validator_and_nobody_elses(
    shop, run, conditional, change
):
    headers = customer_header(shop.gardener.public_id)
    other = customer_header(shop.customers[1].public_id)
    path = "?placements=home,recently-viewed"
    etag, others = conditional(path, headers)["ETag"], conditional(path, other)["ETag"]
    change(shop)
    assert conditional(path, headers, etag).status_code == 200
    assert conditional(path, other, others).status_code == 304
    etag = conditional(path, headers)["ETag"]
    assert refresh_due_shoppers()
    assert conditional(path, headers, etag).status_code == 200


def test_other_questions_have_other_validators(shop, run, conditional):
    paths = ["/home", "/home?limit=5", "/home?exclude=x", "/home?explain=true", "/trending"]
    assert len({conditional(path)["ETag"] for path in paths}) == len(paths)
