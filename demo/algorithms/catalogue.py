"""Draws the sample shop's products: texts, prices, costs, stock and dates."""

from dataclasses import dataclass
from itertools import product as combinations

import numpy as np
from numpy.typing import NDArray

from demo.algorithms.period import DAY, Period
from demo.algorithms.vocabulary import (
    PRICED_BY_SIZE,
    SIZES,
    Brand,
    Category,
    Department,
    Kind,
    load_departments,
)
from demo.algorithms.writing import Copy, write_copy

SIZE_STEP = 1.35
ATTEMPTS = 1000

# Shares of the products.
NO_COST = 0.12
NOT_TRACKED = 0.15
SOLD_OUT = 0.025
UNPUBLISHED = 0.02
NEW = 0.25  # came within the days of the events


class VocabularyExhaustedError(ValueError):
    """The vocabulary has no more products that differ from those that are there."""


@dataclass(frozen=True)
class Variant:
    """What can be bought; money is in cents. Stock None: not tracked; cost None: not known."""

    sku: str
    list_price: int
    cost: int | None
    stock: int | None
    attributes: dict[str, str]


@dataclass(frozen=True)
class Product:
    """A product with its texts; `queries` are what a shopper who wants it may type."""

    id: str
    title: str
    description: str
    brand: Brand
    category_path: tuple[str, ...]
    attributes: dict[str, str]
    variants: tuple[Variant, ...]
    queries: tuple[str, ...]
    consumable: bool
    published: bool
    created_at: int


@dataclass(frozen=True)
class Catalogue:
    """`products`, and for each: its department and category as positions, and its list price.

    Arrays have the shape (products,); `list_price` is the cheapest variant's, in cents, and
    `created_at` in milliseconds since 1970.
    """

    products: tuple[Product, ...]
    departments: tuple[Department, ...]
    categories: tuple[Category, ...]
    department: NDArray[np.int64]
    category: NDArray[np.int64]
    list_price: NDArray[np.int64]
    created_at: NDArray[np.int64]


@dataclass(frozen=True)
class _Home:
    """Where a product belongs."""

    department: Department
    category: Category
    kind: Kind


def draw_catalogue(count: int, period: Period, rng: np.random.Generator) -> Catalogue:
    """`count` products; those that are new came within `period`."""
    departments = load_departments()
    categories = tuple(category for top in departments for category in top.categories)
    homes = [
        _Home(top, category, kind)
        for top in departments
        for category in top.categories
        for kind in category.kinds
    ]
    weights = rng.dirichlet(np.full(len(homes), 6.0))
    created = _draw_dates(count, period, rng)
    written: set[str] = set()
    products = [
        _draw_product(number, homes[home], int(created[number]), written, rng)
        for number, home in enumerate(np.sort(rng.choice(len(homes), size=count, p=weights)))
    ]
    order = rng.permutation(count)  # so that a file's beginning shows all departments
    products = [products[i] for i in order]
    positions = {category.path: i for i, category in enumerate(categories)}
    tops = {top.name: i for i, top in enumerate(departments)}
    return Catalogue(
        products=tuple(products),
        departments=departments,
        categories=categories,
        department=np.array([tops[item.category_path[0]] for item in products]),
        category=np.array([positions[item.category_path] for item in products]),
        list_price=np.array([min(v.list_price for v in item.variants) for item in products]),
        created_at=np.array([item.created_at for item in products], dtype=np.int64),
    )


def _draw_dates(count: int, period: Period, rng: np.random.Generator) -> NDArray[np.int64]:
    """Creation times: most in the three years before the period, some within it."""
    old = period.start - rng.uniform(1, 3 * 365, count) * DAY
    new = rng.uniform(period.start, max(period.start + 1, period.now - DAY), count)
    dates = np.where(rng.random(count) < NEW, new, old)
    return dates.astype(np.int64) // 1000 * 1000


def _draw_product(
    number: int, home: _Home, created_at: int, written: set[str], rng: np.random.Generator
) -> Product:
    category, kind = home.category, home.kind
    brands = [brand for brand in home.department.brands if brand.works_in(category.path)]
    brand = brands[int(rng.integers(len(brands)))]
    copy = _write_new_copy(home, brand, written, rng)
    prefix = "".join(letter for letter in category.path[0].upper() if letter.isalpha())[:3]
    identity = f"{prefix}-{number:05d}"
    attributes = {"material": copy.material, **copy.specs, "audience": copy.audience}
    return Product(
        id=identity,
        title=copy.title,
        description=copy.description,
        brand=brand,
        category_path=category.path,
        attributes={name: text for name, text in attributes.items() if text},
        variants=_draw_variants(identity, home, brand, copy, rng),
        queries=_queries(copy, brand, category),
        consumable=kind.consumable,
        published=bool(rng.random() >= UNPUBLISHED),
        created_at=created_at,
    )


def _write_new_copy(home: _Home, brand: Brand, written: set[str], rng: np.random.Generator) -> Copy:
    """Texts whose title and description nobody else has."""
    for _ in range(ATTEMPTS):
        copy = write_copy(home.kind, brand, home.department, rng)
        if copy.title not in written and copy.description not in written:
            written.update((copy.title, copy.description))
            return copy
    raise VocabularyExhaustedError(f"no new text for {home.kind.nouns[0]}; ask for fewer products")


def _draw_variants(
    identity: str, home: _Home, brand: Brand, copy: Copy, rng: np.random.Generator
) -> tuple[Variant, ...]:
    kind = home.kind
    base = _draw_price(kind, brand, copy, rng)
    cost_share = None if rng.random() < NO_COST else rng.uniform(0.4, 0.68)
    tracked, sold_out = rng.random() >= NOT_TRACKED, rng.random() < SOLD_OUT
    variants: list[Variant] = []
    for colour, (step, size) in combinations(
        _colours(kind, home.department, copy, rng), enumerate(SIZES.get(kind.sizes, ("",)))
    ):
        price = base
        if kind.sizes in PRICED_BY_SIZE:
            price = round_to_price_point(base * SIZE_STEP**step)
        stock = 0 if sold_out else int(rng.gamma(1.3, 28))
        attributes = {"colour": colour, "size": size}
        variants.append(
            Variant(
                sku=f"{identity}-{len(variants) + 1}",
                list_price=price,
                cost=None if cost_share is None else round(price * cost_share),
                stock=stock if tracked or sold_out else None,
                attributes={name: text for name, text in attributes.items() if text},
            )
        )
    return tuple(variants)


def _colours(kind: Kind, department: Department, copy: Copy, rng: np.random.Generator) -> list[str]:
    """The colours on sale: the one in the title first, none where colour says nothing."""
    if kind.colours or kind.sizes:
        others = [colour for colour in department.palette if colour != copy.colour]
        extra = int(rng.integers(0, max(kind.colours, 2)))
        return [copy.colour, *(others[i] for i in rng.permutation(len(others))[:extra])]
    return [copy.colour] if kind.materials and not kind.consumable else [""]


def _draw_price(kind: Kind, brand: Brand, copy: Copy, rng: np.random.Generator) -> int:
    """A price between the kind's lowest and highest, in cents: brand and size decide most."""
    ranks = [
        values.index(copy.specs[name]) / max(1, len(values) - 1)
        for name, values in kind.specs.items()
    ]
    level = (brand.level - 0.55) / 0.95
    share = np.clip(0.5 * level + 0.3 * (float(np.mean(ranks)) if ranks else 0.5)
                    + 0.2 * rng.random() + rng.normal(0, 0.08), 0.0, 1.0)  # fmt: skip
    low, high = kind.price
    return round_to_price_point(100 * low * (high / low) ** float(share))


def round_to_price_point(cents: float) -> int:
    """The nearest price that a shop would print, in cents: 7.49, 24.99, 129.00."""
    if cents < 2000:
        return max(99, round(cents / 50) * 50 - 1)
    if cents < 10_000:
        return round(cents / 100) * 100 - 1
    return round(cents / 500) * 500 - 100


def _queries(copy: Copy, brand: Brand, category: Category) -> tuple[str, ...]:
    noun = copy.noun.lower()
    traits = [f"{trait.lower()} {noun}" for trait in copy.traits[:2]]
    whose = [f"{copy.audience.lower()} {noun}"] if copy.audience else []
    return (
        noun, *traits, *whose, f"{brand.name.lower()} {noun}", f"{noun} for {copy.use}",
        category.path[-1].lower(),
    )  # fmt: skip
