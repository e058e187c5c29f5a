"""How a result set divides by category, brand, price, stock and attributes.

Each count is what following it returns: the same products under the same filters, the facet's own
filter left out. Counted in one statement, from products as they are now; without a query, which
may take in the whole catalogue, once for each version of it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection

from catalogue.selectors import ProductFilters, catalogue_version
from search.algorithms.ranges import PriceRange, price_ranges
from search.algorithms.rules import removes
from search.selectors.divisions import (
    Part,
    divide_by_attributes,
    divide_by_brand,
    divide_by_category,
    divide_by_price,
    divide_by_stock,
    total,
)
from search.selectors.leaving_out import leave_out
from search.selectors.ranking import RankedList, rank_products
from search.selectors.state import read_live_index
from search.selectors.steering import allowed_products, rules_for
from search.selectors.terms import SearchTerms

FACETS = ("category", "brand", "price", "in_stock", "attribute")
# The most values of a facet that are shown; those of most products are.
MAX_VALUES = {"category": 1_000, "brand": 100, "attribute": 50}
MAX_ATTRIBUTES = 30
# How long the facets of a category or of everything are kept, while the catalogue stands.
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class CategoryFacet:
    """A category with a product in its subtree; `slug` is what the filter takes."""

    slug: str
    name: str
    parent: str | None
    count: int


@dataclass(frozen=True, slots=True)
class ValueFacet:
    """A value that the filter takes; `name` is how it is shown."""

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class AttributeFacet:
    """The values of one attribute, those of most products first."""

    name: str
    values: tuple[ValueFacet, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """How many products there are under all filters, and how they divide.

    A facet that was not asked for is None.
    """

    total: int
    categories: list[CategoryFacet] | None = None
    brands: list[ValueFacet] | None = None
    prices: list[PriceRange] | None = None
    in_stock: dict[bool, int] | None = None
    attributes: list[AttributeFacet] | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    facet: str
    key: str
    label: str
    parent: str | None
    count: int


def count_facets(
    terms: SearchTerms, asked: Sequence[str], ranked: RankedList | None = None
) -> Facets:
    """The facets `asked` for, of the result set of `terms`.

    `ranked` is the list of `terms` as it is now, where that is at hand.
    """
    question = _ask(list(_parts(terms.filters, asked)), *_narrowing(terms, ranked))
    # Those of a query are of a thousand products; without one they may be of all there are.
    if terms.browses:
        rows = question.recall(read_live_index().generation if terms.excluded else 0)
    else:
        rows = question.read()
    of = {name: [row for row in rows if row.facet == name] for name in ("total", *FACETS)}
    return Facets(
        of["total"][0].count,
        _categories(of["category"]) if "category" in asked else None,
        _values(of["brand"], MAX_VALUES["brand"]) if "brand" in asked else None,
        price_ranges({int(r.key): r.count for r in of["price"]}) if "price" in asked else None,
        {row.key == "true": row.count for row in of["in_stock"]} if "in_stock" in asked else None,
        _attributes(of["attribute"]) if "attribute" in asked else None,
    )


def _parts(filters: ProductFilters, asked: Sequence[str]) -> Iterator[Part]:
    yield total(filters)
    if "category" in asked:
        yield divide_by_category(replace(filters, category=None))
    if "brand" in asked:
        yield divide_by_brand(replace(filters, brands=()))
    if "price" in asked:
        yield divide_by_price(replace(filters, price_min=None, price_max=None))
    if "in_stock" in asked:
        yield from divide_by_stock(replace(filters, in_stock=None))
    if "attribute" in asked:
        yield from divide_by_attributes(filters)


def _narrowing(terms: SearchTerms, ranked: RankedList | None) -> tuple[str, Sequence[Any]]:
    """The condition that products are of the result set, and its values.

    The result set is what the query itself finds, whatever the filters; where it looks for nothing,
    all that it does not leave out. Rules act on it as they act on the list.
    """
    rules = rules_for(terms)
    if not terms.browses:
        if ranked is None or terms.filters != ProductFilters():
            ranked = rank_products(SearchTerms(terms.query), rules=rules)
        rows = ranked.candidates.rows
        return "kept.id = ANY(%s)", [rows["product_id"][~rows["topped_up"]].tolist()]
    if not removes(rules) and not terms.excluded:
        return "true", ()
    products = leave_out(allowed_products(ProductFilters(), rules), terms.excluded)
    try:
        sql, values = products.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return "false", ()
    return f"kept.id IN ({sql})", values


@dataclass(frozen=True, slots=True)
class _Question:
    """A statement whose answer depends on nothing but its values, the catalogue and the index."""

    statement: str
    values: Sequence[Any]

    def read(self) -> list[_Row]:
        """The answer, from products as they are now."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement, self.values)
            return [
                _Row(facet, key, label, parent, int(count))
                for facet, key, label, parent, count in cursor
            ]

    def recall(self, generation: int) -> list[_Row]:
        """The same, from the cache where the catalogue has not changed since.

        `generation` is that of the index, where the answer depends on it.
        """
        # JSON values travel wrapped, and show themselves shortened.
        values = [getattr(value, "obj", value) for value in self.values]
        told = repr((catalogue_version(), generation, self.statement, values))
        key = f"facets:{hashlib.sha256(told.encode()).hexdigest()}"
        kept: list[tuple[str, str, str, str | None, int]] | None = cache.get(key)
        if kept is not None:
            return [_Row(*row) for row in kept]
        rows = self.read()
        cache.set(key, [astuple(row) for row in rows], KEPT_SECONDS)
        return rows


def _ask(parts: Sequence[Part], narrowed: str, within: Sequence[Any]) -> _Question:
    statement = " UNION ALL ".join(f"({part.sql})" for part in parts)
    values: list[Any] = []
    for part in parts:
        for value in part.values:
            values.extend(within if value is Part.WITHIN else [value])
    return _Question(statement.replace(Part.NARROWED, narrowed), values)


def _by_count(rows: Sequence[_Row]) -> list[_Row]:
    return sorted((row for row in rows if row.count), key=lambda row: (-row.count, row.label))


def _categories(rows: Sequence[_Row]) -> list[CategoryFacet]:
    """The largest, in the order of the tree: what lies below a category follows it."""
    largest = sorted(_by_count(rows)[: MAX_VALUES["category"]], key=lambda row: row.key.split("/"))
    return [CategoryFacet(row.key, row.label, row.parent, row.count) for row in largest]


def _values(rows: Sequence[_Row], most: int) -> list[ValueFacet]:
    return [ValueFacet(row.key, row.label, row.count) for row in _by_count(rows)[:most]]


def _attributes(rows: Sequence[_Row]) -> list[AttributeFacet]:
    """The attributes that most products bear."""
    named = groupby(sorted(rows, key=lambda row: row.key), key=lambda row: row.key)
    found = [(name, _by_count(list(values))) for name, values in named]
    found = [(name, values) for name, values in found if values]
    found.sort(key=lambda pair: (-sum(row.count for row in pair[1]), pair[0]))
    return [
        AttributeFacet(
            name,
            tuple(ValueFacet(v.label, v.label, v.count) for v in values[: MAX_VALUES["attribute"]]),
        )
        for name, values in found[:MAX_ATTRIBUTES]
    ]
