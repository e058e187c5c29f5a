"""What a placement is: where its products come from, in which order, and which are left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

Path = tuple[str, ...]


class Source(StrEnum):
    """Where recommended products may come from."""

    PERSONAL = "personal"
    SESSION_SIMILAR = "session_similar"
    PRODUCT_SIMILAR = "product_similar"
    BOUGHT_TOGETHER = "bought_together"
    CATEGORY_POPULAR = "category_popular"
    TRENDING = "trending"
    POPULAR = "popular"
    RECENTLY_VIEWED = "recently_viewed"
    BUY_AGAIN = "buy_again"


class Anchor(StrEnum):
    """What a placement is about, beside the shopper."""

    NONE = "none"
    PRODUCT = "product"
    CART = "cart"
    CATEGORY = "category"


# These start from products: the one that is looked at, or those in the cart.
ANCHORED = frozenset({Source.PRODUCT_SIMILAR, Source.BOUGHT_TOGETHER})
# These tell of the shopper alone, and have nothing for somebody unknown.
OWN = frozenset({Source.PERSONAL, Source.SESSION_SIMILAR, Source.RECENTLY_VIEWED, Source.BUY_AGAIN})
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """Which products may be shown at all; what is empty keeps all.

    Categories are paths from the root and stand for what lies below them, too. Prices are those
    that are shown, in the store's currency.
    """

    categories: tuple[Path, ...] = ()
    hidden_categories: tuple[Path, ...] = ()
    brands: frozenset[str] = frozenset()
    price_min: Decimal | None = None
    price_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A place of a shop's pages that shows products.

    `sources` are asked in turn until the page is full. Of one category or brand no more are shown
    than `max_per_category` and `max_per_brand` say (None: any number).
    """

    name: str
    anchor: Anchor
    sources: tuple[Source, ...]
    limit: int = 20
    filters: Filters = field(default_factory=Filters)
    excludes_bought: bool = True
    excludes_in_cart: bool = True
    max_per_category: int | None = None
    max_per_brand: int | None = None
    description: str = ""


def find_flaws(anchor: str, sources: list[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a placement, as (field, what to do)."""
    if not sources:
        yield "sources", "Name at least one source."
    if len(set(sources)) < len(sources):
        yield "sources", "Name each source once."
    if unknown := [name for name in sources if name not in set(Source)]:
        yield "sources", f"There is no source {unknown[0]!r}; there are {', '.join(Source)}."
    rootless = [name for name in sources if name in ANCHORED]
    if rootless and anchor not in {Anchor.PRODUCT, Anchor.CART}:
        yield "sources", f"{rootless[0]} needs the anchor product or cart."


_S = Source

# What a new shop has. Each may be changed; these names stay.
STANDARD = (
    Placement(
        "home", Anchor.NONE,
        (_S.PERSONAL, _S.SESSION_SIMILAR, _S.CATEGORY_POPULAR, _S.POPULAR),
        description="What this shopper may like.",
    ),
    Placement(
        "product", Anchor.PRODUCT, (_S.PRODUCT_SIMILAR, _S.CATEGORY_POPULAR, _S.POPULAR),
        description="Like the product that is looked at.",
    ),
    Placement(
        "bought-together", Anchor.PRODUCT,
        (_S.BOUGHT_TOGETHER, _S.PRODUCT_SIMILAR, _S.CATEGORY_POPULAR),
        description="What the same shoppers took with this product.",
    ),
    Placement(
        "cart", Anchor.CART,
        (_S.PRODUCT_SIMILAR, _S.PERSONAL, _S.SESSION_SIMILAR, _S.CATEGORY_POPULAR, _S.POPULAR),
        description="What goes with the cart; with an empty one, as home.",
    ),
    Placement(
        "trending", Anchor.NONE, (_S.TRENDING, _S.POPULAR), max_per_category=6,
        description="What rises against what is usual.",
    ),
    Placement(
        "recently-viewed", Anchor.NONE, (_S.RECENTLY_VIEWED,), excludes_bought=False,
        description="What this shopper looked at, the latest first.",
    ),
    Placement(
        "buy-again", Anchor.NONE, (_S.BUY_AGAIN,), excludes_bought=False,
        description="What this shopper bought and is about to need again.",
    ),
    Placement(
        "for-category", Anchor.CATEGORY,
        (_S.PERSONAL, _S.CATEGORY_POPULAR, _S.TRENDING, _S.POPULAR),
        description="What this shopper may like in a category.",
    ),
)  # fmt: skip
