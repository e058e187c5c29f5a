"""Compute shoppers' ranked lists; compute and write those of similar and popular products."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from catalogue.models import Category, Product
from events.selectors import purchases_of
from recommendations.algorithms.blend import Model
from recommendations.algorithms.recommending import recommend_blocks
from recommendations.algorithms.similar import rank_similar
from recommendations.services.binary_copy import array_fields, copy_binary, key_field, row
from recommendations.services.reason_texts import NO_REASONS, ReasonTexts
from recommendations.services.store import BLOCK, array_text, copy_rows

# Deep enough that exclusions and what is sold out leave a page of 50.
DEPTH = 80
SIMILAR_DEPTH = 60
POPULAR_DEPTH = 200
# From so many distinct products on, views alone tell a taste; one cart or purchase does at once.
PRODUCTS_FOR_A_TASTE = 5

Reporter = Callable[[int], None]
Shopper = int | UUID

_SIMILAR = "recommendations_similarproducts"
_LIST = ("product_ids", "scores", "reasons")


@dataclass(frozen=True, slots=True)
class ShopperRows:
    """A block of shoppers (customer ids or visitor ids) with a row each in every matrix.

    `strong` tells who put something into a cart or bought it.
    """

    shoppers: Sequence[Shopper]
    user_items: sp.csr_matrix
    seen: sp.csr_matrix
    strong: NDArray[np.bool_]

    def has_taste(self) -> NDArray[np.bool_]:
        """Whose behaviour tells enough for recommendations of their own."""
        counts = np.diff(self.user_items.indptr)
        return np.asarray((self.strong & (counts > 0)) | (counts >= PRODUCTS_FOR_A_TASTE))


def name_columns(product_ids: NDArray[np.int64], columns: NDArray[np.integer]) -> dict[int, str]:
    """The merchant's ids of the products that `columns` stand for; those that are gone are not."""
    ids = product_ids[columns].tolist()
    known = dict(Product.objects.filter(pk__in=ids).values_list("pk", "public_id"))
    pairs = zip(columns.tolist(), ids, strict=True)
    return {column: known[key] for column, key in pairs if key in known}


class ShopperList(NamedTuple):
    """A shopper's products, best first; `reasons` are packed as they are stored."""

    shopper: Shopper
    product_ids: Sequence[int] = ()
    scores: Sequence[float] = ()
    reasons: bytes = NO_REASONS


def rank_shoppers(
    model: Model, product_ids: NDArray[np.int64], rows: ShopperRows
) -> Iterator[ShopperList]:
    """The list of each shopper of whom enough is known."""
    chosen = np.flatnonzero(rows.has_taste())
    shoppers = [rows.shoppers[index] for index in chosen.tolist()]
    # Reasons name what shoppers had to do with, which for a few is little of the shop.
    columns = np.unique(rows.user_items.indices)
    texts = ReasonTexts(_names_of(columns, product_ids))
    # What was bought before the window counts no longer, but it is still not to be bought again.
    seen = rows.seen[chosen] + find_bought(shoppers, product_ids)
    done = 0
    for block in recommend_blocks(model, rows.user_items[chosen], seen, DEPTH):
        lengths = (block.products >= 0).sum(axis=1)
        ids, scores = product_ids[block.products], block.scores.astype(np.float64).round(6)
        named = np.where(block.causes < 0, len(columns), np.searchsorted(columns, block.causes))
        reasons = texts.documents(named, block.shares, lengths)
        for place, length in enumerate(lengths.tolist()):
            yield ShopperList(
                shoppers[done + place],
                ids[place, :length].tolist(),
                scores[place, :length].tolist(),
                reasons[place],
            )
        done += len(block)


def _names_of(columns: NDArray[np.integer], product_ids: NDArray[np.int64]) -> NDArray[np.object_]:
    """The merchant's ids of the products of `columns`, None for those gone; a None at last."""
    known = name_columns(product_ids, columns)
    names = np.empty(len(columns) + 1, dtype=object)
    names[:-1] = [known.get(column) for column in columns.tolist()]
    return names


def find_bought(shoppers: Sequence[Shopper], product_ids: NDArray[np.int64]) -> sp.csr_matrix:
    """What each of `shoppers` ever bought of `product_ids` (ascending), as a matrix like `seen`."""
    numbers = {shopper: number for number, shopper in enumerate(shoppers)}
    columns = {product_id: column for column, product_id in enumerate(product_ids.tolist())}
    pairs = [
        (numbers[shopper], columns[product_id])
        for shopper, product_id in purchases_of(shoppers)
        if product_id in columns
    ]
    places = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return sp.csr_matrix(
        (np.ones(len(places)), (places[:, 0], places[:, 1])),
        shape=(len(shoppers), len(product_ids)),
    )


def write_similar(run_id: int, model: Model, product_ids: NDArray[np.int64]) -> int:
    """Write each product's similar ones; how many products have any."""
    ranked = zip(product_ids.tolist(), rank_similar(model, SIMILAR_DEPTH), strict=True)
    found = ((product_id, *like) for product_id, like in ranked if len(like[0]))
    columns, written = ("run_id", "product_id", *_LIST[:2]), 0
    while block := list(islice(found, BLOCK)):
        ids, products, scores = zip(*block, strict=True)
        pointers = np.concatenate([[0], np.cumsum([len(one) for one in products])])
        rows = zip(
            map(key_field, ids),
            array_fields(product_ids[np.concatenate(products)], pointers),
            array_fields(np.concatenate(scores).astype(np.float64).round(6), pointers),
            strict=True,
        )
        run = key_field(run_id)
        copy_binary(_SIMILAR, columns, [row(run, *fields) for fields in rows])
        written += len(block)
    return written


def write_popular(run_id: int, model: Model, product_ids: NDArray[np.int64]) -> int:
    """Write the popular products of the shop and of each category with sales."""
    # Recent shoppers decide; all of the window's break ties and fill quiet months.
    whole = model.popularity.max(initial=1.0) or 1.0
    scores = model.recent_popularity + model.popularity / (2.0 * whole)
    rows = [
        (
            run_id,
            category_id,
            array_text(product_ids[best].tolist()),
            array_text(scores[best].round(6).tolist()),
        )
        for category_id, members in _members(product_ids)
        if len(best := _best(scores, members))
    ]
    columns = ("run_id", "category_id", *_LIST[:2])
    return copy_rows("recommendations_popularproducts", columns, rows)


def _best(scores: NDArray[np.float64], members: NDArray[np.int64]) -> NDArray[np.int64]:
    members = members[scores[members] > 0]
    return members[np.argsort(-scores[members], kind="stable")[:POPULAR_DEPTH]]


def _members(
    product_ids: NDArray[np.int64],
) -> Iterable[tuple[int | None, NDArray[np.int64]]]:
    """Columns of the shop (None) and of each category, its subtree included."""
    yield None, np.arange(len(product_ids))
    parents = dict(Category.objects.values_list("pk", "parent_id"))
    placed = Product.objects.filter(pk__in=product_ids.tolist()).exclude(category=None)
    category_of = dict(placed.values_list("pk", "category_id"))
    members: dict[int, list[int]] = {}
    for column, product_id in enumerate(product_ids.tolist()):
        category_id = category_of.get(product_id)
        while category_id is not None:
            members.setdefault(category_id, []).append(column)
            category_id = parents.get(category_id)
    for category_id, columns in sorted(members.items()):
        yield category_id, np.array(columns, dtype=np.int64)
