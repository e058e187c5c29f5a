"""Filters, exclusions and caps; of no interest; what can't be bought is gone at once."""

import pytest

from catalogue.models import Offer, Product, Variant
from recommendations.models import TextNeighbours, TrendingProducts
from recommendations.selectors.specs import forget_placements
from tests.factories.catalogue import make_brand, make_category, make_product
from tests.factories.events import customer_header, make_visitor, record_event, visitor_header
from tests.factories.placements import make_placement
from tests.factories.pricing import set_price


def shelf(**fields):
    make_placement(**fields)
    forget_placements()


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def names(products):
    return [product.public_id for product in products]


def test_only_certain_categories_and_what_lies_below(shop, run, ask):
    rake = make_product("rake", category=make_category("Garden", "Tools"))
    shelf(sources=["popular"], categories=[make_category("Kitchen")])
    assert set(ids(ask("shelf", limit=50))) == set(names(shop.kitchen))
    shelf(categories=[], hidden_categories=[make_category("Garden")])
    shown = ids(ask("shelf", limit=50))
    assert set(shown) == set(names(shop.kitchen))
    assert rake.public_id not in shown


def test_only_certain_brands_and_prices(db, ask):
    for number, (brand, price) in enumerate([("Acme", 5), ("Acme", 50), ("Bolt", 5)]):
        make_product(f"p{number}", brand=brand, price=price, list_price=price)
    shelf(sources=["popular"], brands=[make_brand("Acme")])
    assert set(ids(ask("shelf"))) == {"p0", "p1"}
    shelf(brands=[], price_max=10)
    assert set(ids(ask("shelf"))) == {"p0", "p2"}
    set_price(Variant.objects.get(product__public_id="p0"), 11)
    assert ids(ask("shelf")) == ["p2"]


def test_a_cap_on_a_kind(db, ask):
    for number in range(6):
        make_product(
            f"p{number}", popularity=-number, brand="Acme" if number < 4 else "Bolt",
            category=make_category("A" if number % 2 else "B"),
        )  # fmt: skip
    shelf(sources=["popular"], max_per_brand=1)
    assert ids(ask("shelf")) == ["p0", "p4"]
    shelf(max_per_brand=None, max_per_category=2)
    assert ids(ask("shelf")) == ["p0", "p1", "p2", "p3"]


@pytest.mark.parametrize("kind", ["purchase", "add_to_cart"])
def test_bought_and_in_cart_are_left_out_where_the_placement_says_so(shop, run, ask, kind):
    visitor, field = make_visitor(), {"purchase": "excludes_bought"}.get(kind, "excludes_in_cart")
    record_event(kind, product=shop.garden[0], visitor=visitor)
    headers = visitor_header(visitor)
    shelf(sources=["popular"])
    assert shop.garden[0].public_id not in ids(ask("shelf", headers=headers, limit=50))
    assert shop.garden[0].public_id in ids(ask("shelf", limit=50))
    shelf(**{field: False})
    assert shop.garden[0].public_id in ids(ask("shelf", headers=headers, limit=50))


@pytest.mark.parametrize(
    ("placement", "extra"),
    [
        ("home", {}), ("trending", {}), ("cart", {}), ("recently-viewed", {}), ("buy-again", {}),
        ("product", {"product_id": 5}), ("bought-together", {"product_id": 5}),
        ("for-category", {"category": "garden"}),
    ],
)  # fmt: skip
def test_of_no_interest_is_honoured_by_the_next_request_everywhere(
    shop, run, ask, placement, extra
):
    """No refresh, no worker in between."""
    headers = customer_header(shop.gardener.public_id)
    for product in shop.garden[8:11]:
        record_event("view", product=product, customer=shop.gardener)
        record_event("purchase", product=product, customer=shop.gardener, days_ago=60)
    if "product_id" in extra:
        extra = {"product_id": shop.garden[5].public_id}
    first = ids(ask(placement, headers=headers, **extra))[0]
    product = Product.objects.get(public_id=first)
    record_event("not_interested", product=product, customer=shop.gardener)
    assert first not in ids(ask(placement, headers=headers, limit=50, **extra))


GONE = {
    "unpublished": lambda product: Product.objects.filter(pk=product.pk).update(published=False),
    "sold out": lambda product: Variant.objects.filter(product=product).update(stock=0),
    "withdrawn": lambda product: Offer.objects.filter(variant__product=product).delete(),
    "deleted": lambda product: product.delete(),
}


@pytest.mark.parametrize("hide", GONE.values(), ids=GONE)
def test_what_cannot_be_bought_is_gone_from_every_placement_on_the_next_request(
    shop, run, client, hide
):
    """Caches included: each process's, and the client's own, by its validator."""
    victim, gardener = shop.garden[8], shop.gardener
    anchor = make_product("anchor", category=victim.category)
    others = [victim, *shop.kitchen[:3]]
    TrendingProducts.objects.create(product_ids=[victim.pk], scores=[1.0])
    TextNeighbours.objects.create(
        product=anchor, model_version="m", text_hash="h",
        product_ids=[one.pk for one in others], scores=[0.9, 0.8, 0.7, 0.6],
    )  # fmt: skip
    record_event("view", product=victim, customer=gardener)
    record_event("purchase", product=victim, customer=gardener, days_ago=60)
    make_placement("home", excludes_bought=False)
    make_placement("for-category", excludes_bought=False)
    make_placement("trending", excludes_bought=False)
    make_placement("cart", excludes_bought=False)
    make_placement("product", excludes_bought=False)
    make_placement("bought-together", excludes_bought=False)
    forget_placements()
    headers = customer_header(gardener.public_id)
    paths = {
        f"{path}limit=50": headers
        for path in (
            "home?", "product?product_id=anchor&", "cart?", "trending?", "recently-viewed?",
            "buy-again?", "for-category?category=garden&",
            f"bought-together?product_id={shop.garden[9].public_id}&",
        )
    } | {"home?limit=49": {}, "trending?limit=49": {}}  # fmt: skip

    def ask(path, **more):
        return client.get(f"/v1/recommendations/{path}", headers=paths[path] | more)

    validators = {}
    for path in paths:
        answer = ask(path)
        assert victim.public_id in ids(answer.json()), path
        validators[path] = answer["ETag"]
    hide(victim)
    for path, etag in validators.items():
        answer = ask(path, **{"If-None-Match": etag})
        assert answer.status_code == 200, path
        assert victim.public_id not in ids(answer.json()), path
