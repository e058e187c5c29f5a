"""A list of products under merchandising rules: what the database must say, then the arranging."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from django.db.models import IntegerField, Value

from catalogue.models import Product, ProductQuerySet
from catalogue.selectors import ProductFilters, filter_products
from search.algorithms.rules import (
    NO_PRODUCTS,
    Action,
    Arranged,
    Rule,
    Target,
    actions_of,
    arrange,
)


def arrange_products(
    product_ids: Sequence[int],
    rules: Sequence[Rule],
    pinnable: AbstractSet[int] = NO_PRODUCTS,
    *,
    reorder: bool = True,
) -> Arranged:
    """`product_ids` as `rules` want them; a query where a rule describes what it acts on.

    `pinnable` are the products that a pin may show.
    """
    actions = [action for _, action in actions_of(rules)]
    described = _look_up(product_ids, actions)
    hits = [
        {action.product_id} if action.product_id else described.get(number, set())
        for number, action in enumerate(actions)
    ]
    return arrange(product_ids, rules, hits, pinnable, reorder=reorder)


def remove_hidden(product_ids: Sequence[int], rules: Sequence[Rule]) -> list[int]:
    """`product_ids` without those that `rules` hide or filter away; as `arrange_products`."""
    return arrange_products(product_ids, rules, reorder=False).product_ids


def keep_allowed(products: ProductQuerySet, rules: Sequence[Rule]) -> ProductQuerySet:
    """`products` without those that `rules` hide or filter away; still lazy."""
    for _, action in actions_of(rules):
        if action.kind == "hide":
            gone = _among([action.product_id]) if action.product_id else _described(action)
            products = products.exclude(pk__in=gone.values("pk"))
        elif action.kind == "filter":
            products = products.filter(pk__in=_described(action).values("pk"))
    return products


def _described(action: Action) -> Any:
    return filter_products(Product.objects.all(), _as_filters(action.target or Target()))


def _look_up(product_ids: Sequence[int], actions: Sequence[Action]) -> dict[int, set[int]]:
    """Those of `product_ids` that each action's target describes, by the action's number."""
    parts = [
        _numbered(filter_products(_among(product_ids), _as_filters(action.target)), number)
        for number, action in enumerate(actions)
        if action.target
    ]
    found: dict[int, set[int]] = {}
    if parts:
        for number, product_id in parts[0].union(*parts[1:], all=True):
            found.setdefault(number, set()).add(product_id)
    return found


def _among(product_ids: Sequence[int]) -> Any:
    return Product.objects.filter(pk__in=product_ids)


def _numbered(products: Any, number: int) -> Any:
    rows = products.order_by().annotate(number=Value(number, IntegerField()))
    return rows.values_list("number", "pk")


def _as_filters(target: Target) -> ProductFilters:
    return ProductFilters(
        category=target.category,
        brands=(target.brand,) if target.brand else (),
        price_min=target.price_min,
        price_max=target.price_max,
        in_stock=target.in_stock,
        attributes=(target.attribute,) if target.attribute else (),
    )
