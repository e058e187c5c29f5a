"""The SQL of each way to divide products: rows of (facet, key, label, parent, count)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from catalogue.models import Product, Variant
from catalogue.selectors import ProductFilters, priced_variants
from search.algorithms.ranges import BOUNDS
from search.selectors.steering import allowed_products


@dataclass(frozen=True, slots=True)
class Part:
    """A SELECT and its parameters.

    NARROWED stands in it where the result set is asked for, WITHIN among its parameters.
    """

    sql: str
    values: Sequence[Any]

    NARROWED: ClassVar[str] = "/*narrowed*/"
    WITHIN: ClassVar[object] = object()


def total(filters: ProductFilters) -> Part:
    """How many products `filters` keep."""
    base = _products(filters)
    return Part(f"SELECT 'total', '', '', NULL, count(*) FROM ({base.sql}) AS base", base.values)  # noqa: S608 - Django's SQL


def divide_by_category(filters: ProductFilters) -> Part:
    """A row for each category with a product in its subtree."""
    base = _products(filters)
    return Part(
        f"""
        SELECT 'category', node.slug, node.name, parent.slug, sum(held.products)
        FROM (
          SELECT category.path, count(*) AS products
          FROM ({base.sql}) AS base
          JOIN catalogue_product AS product ON product.id = base.id
          JOIN catalogue_category AS category ON category.id = product.category_id
          GROUP BY category.path
        ) AS held
        CROSS JOIN LATERAL generate_series(1, cardinality(held.path)) AS depth
        JOIN catalogue_category AS node ON node.path = held.path[1:depth]
        LEFT JOIN catalogue_category AS parent ON parent.id = node.parent_id
        GROUP BY node.slug, node.name, parent.slug
        """,  # noqa: S608 - Django's SQL
        base.values,
    )


def divide_by_brand(filters: ProductFilters) -> Part:
    """A row for each brand."""
    base = _products(filters)
    return Part(
        f"""
        SELECT 'brand', brand.slug, brand.name, NULL, count(*)
        FROM ({base.sql}) AS base
        JOIN catalogue_product AS product ON product.id = base.id
        JOIN catalogue_brand AS brand ON brand.id = product.brand_id
        GROUP BY brand.slug, brand.name
        """,  # noqa: S608 - Django's SQL
        base.values,
    )


def divide_by_stock(filters: ProductFilters) -> Iterator[Part]:
    """A row for what can be bought, and one for what can't."""
    for stocked in (True, False):
        base = _products(replace(filters, in_stock=stocked))
        yield Part(
            f"""
            SELECT 'in_stock', '{str(stocked).lower()}', '', NULL, count(*)
            FROM ({base.sql}) AS base
            """,  # noqa: S608 - Django's SQL
            base.values,
        )


def divide_by_price(filters: ProductFilters) -> Part:
    """A row for each range of `price_ranges` that a product has a fitting price in."""
    # The least bound chooses those in the store's currency, whatever they cost.
    variants = _keys(priced_variants(replace(filters, price_min=Decimal(0))))
    bounds = "ARRAY[" + ",".join(f"{bound}::numeric" for bound in BOUNDS) + "]"
    place = f"width_bucket(offer.amount, {bounds})"
    end = f"({bounds})[{place} + 1]"
    by_price = _Division(
        facet="price",
        key=f"{place}::text",
        label="''",
        joins="JOIN catalogue_offer AS offer ON offer.variant_id = variant.id",
        # A range ends at a whole cent: what lies between that and the next is in neither.
        condition=f"(offer.amount <= {end} - 0.01 OR {end} IS NULL)",
    )
    return _divide(filters, variants, by_price)


def divide_by_attributes(filters: ProductFilters) -> Iterator[Part]:
    """A row for each value of every attribute; of one that is filtered by, as if it were not."""
    own = sorted({name for name, _ in filters.attributes})
    yield _values_of(filters, "pair.key <> ALL(%s)", [own])
    for name in own:
        others = tuple(pair for pair in filters.attributes if pair[0] != name)
        yield _values_of(replace(filters, attributes=others), "pair.key = %s", [name])


# What a product or a variant bears, each value by itself, as the text that the filter takes.
# Values that it can't take (a blank at an end, a colon in the name) are left out.
_PAIRS = """
JOIN catalogue_product AS product ON product.id = base.id
CROSS JOIN LATERAL (VALUES (product.attributes), (variant.attributes)) AS holder (held)
CROSS JOIN LATERAL jsonb_each(
  CASE jsonb_typeof(holder.held) WHEN 'object' THEN holder.held ELSE '{}' END
) AS pair
CROSS JOIN LATERAL jsonb_array_elements(
  CASE jsonb_typeof(pair.value) WHEN 'array' THEN pair.value
    ELSE jsonb_build_array(pair.value) END
) AS item
CROSS JOIN LATERAL (
  SELECT CASE jsonb_typeof(item) WHEN 'string' THEN item #>> '{}'
    WHEN 'number' THEN trim_scale((item #>> '{}')::numeric)::text
    WHEN 'boolean' THEN item::text END AS text
) AS shown"""
_FOLLOWABLE = """
shown.text <> '' AND shown.text = btrim(shown.text) AND pair.key <> ''
AND pair.key = btrim(pair.key) AND strpos(pair.key, ':') = 0"""


def _values_of(filters: ProductFilters, condition: str, named: list[Any]) -> Part:
    # Any attribute makes prices those of the variant that bears it, also the one to follow.
    priced = filters.price_min is not None or filters.price_max is not None
    variants = priced_variants(filters)
    if priced and not filters.attributes:
        bounds = {"offer__amount__gte": filters.price_min, "offer__amount__lte": filters.price_max}
        given = {lookup: bound for lookup, bound in bounds.items() if bound is not None}
        own = Variant.objects.offered().filter(offer__currency=settings.STORE_CURRENCY)
        variants = own.filter(**given)
    by_value = _Division(
        facet="attribute",
        key="pair.key",
        label="shown.text",
        joins=_PAIRS,
        condition=f"{condition} AND {_FOLLOWABLE}",
        values=named,
    )
    return _divide(filters, _keys(variants), by_value)


@dataclass(frozen=True, slots=True)
class _Division:
    """How variants divide: SQL of the key and the label, of what it takes to tell, and where."""

    facet: str
    key: str
    label: str
    joins: str
    condition: str
    values: Sequence[Any] = ()


def _divide(filters: ProductFilters, variants: Part, by: _Division) -> Part:
    """Products by what their fitting variants are; in stock as `filters` ask of these variants."""
    stock = {None: "true", True: "held.stocked", False: "NOT held.stocked"}[filters.in_stock]
    base = _products(replace(filters, price_min=None, price_max=None, in_stock=None, attributes=()))
    return Part(
        f"""
        SELECT '{by.facet}', held.key, held.label, NULL, count(*)
        FROM (
          SELECT base.id, {by.key} AS key, {by.label} AS label,
            bool_or(variant.stock IS NULL OR variant.stock > 0) AS stocked
          FROM ({base.sql}) AS base
          JOIN catalogue_variant AS variant ON variant.product_id = base.id
          {by.joins}
          WHERE variant.id IN ({variants.sql}) AND {by.condition}
          GROUP BY base.id, 2, 3
        ) AS held
        WHERE {stock}
        GROUP BY held.key, held.label
        """,  # noqa: S608 - Django's SQL
        [*base.values, *variants.values, *by.values],
    )


def _products(filters: ProductFilters) -> Part:
    """The products that `filters` keep of the result set."""
    inner = _keys(allowed_products(filters, ()))
    return Part(
        f"SELECT kept.id FROM ({inner.sql}) AS kept WHERE {Part.NARROWED}",  # noqa: S608
        [*inner.values, Part.WITHIN],
    )


def _keys(rows: "QuerySet[Product] | QuerySet[Variant]") -> Part:
    try:
        sql, values = rows.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return Part("SELECT 0::bigint AS id WHERE false", [])
    return Part(sql, list(values))
