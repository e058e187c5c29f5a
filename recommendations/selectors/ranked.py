"""Ranked lists as they were computed; those that are the same for everybody are kept at hand.

What a run says is popular never changes, and what the catalogue says changes with its version: so
a process may keep both, under the run and the version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache, cached
from django.db import connection

# Popular lists are read this deep where the catalogue alone ranks them.
POPULAR_DEPTH = 200
KEPT_LISTS = 2048

Reasons = Sequence[Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Products best first. `reasons[i]` are pairs (merchant's product id, share); may be empty."""

    product_ids: Sequence[int] = ()
    scores: Sequence[float] = ()
    reasons: Reasons = ()

    def __len__(self) -> int:
        return len(self.product_ids)

    def reason(self, index: int) -> Sequence[Sequence[Any]]:
        """The pairs behind the product at `index`; none where none were computed."""
        return self.reasons[index] if index < len(self.reasons) else ()


NOTHING = Ranked()

_POPULAR = """
SELECT product_ids, scores FROM recommendations_popularproducts
WHERE run_id = %s AND category_id IS NOT DISTINCT FROM %s
"""
# What the merchant calls popular, for a shop that has not learned yet, or a category without sales.
_BY_CATALOGUE = """
SELECT p.id, p.popularity FROM catalogue_product AS p
WHERE p.published AND (%(category)s::bigint IS NULL OR p.category_id IN (
  SELECT below.id FROM catalogue_category AS top
  JOIN catalogue_category AS below ON below.path[:cardinality(top.path)] = top.path
  WHERE top.id = %(category)s))
ORDER BY p.popularity DESC, p.id DESC LIMIT %(limit)s
"""


def read_popular(run: int | None, category_id: int | None, catalogue_version: str) -> Ranked:
    """What is popular in a category and below, or (None) in the whole shop.

    From the run where it knows; else from the merchant's own popularity. No query where this
    process has answered the same before.
    """
    learned = None if run is None else _learned(run, category_id)
    return _by_catalogue(category_id, catalogue_version) if learned is None else learned


@cached(LRUCache(KEPT_LISTS), lock=Lock(), info=False)
def _learned(run: int, category_id: int | None) -> Ranked | None:
    with connection.cursor() as cursor:
        cursor.execute(_POPULAR, [run, category_id])
        row = cursor.fetchone()
    return Ranked(*row) if row else None


@cached(LRUCache(KEPT_LISTS), lock=Lock(), info=False)
def _by_catalogue(category_id: int | None, catalogue_version: str) -> Ranked:  # noqa: ARG001 - the key
    with connection.cursor() as cursor:
        cursor.execute(_BY_CATALOGUE, {"category": category_id, "limit": POPULAR_DEPTH})
        rows = cursor.fetchall()
    return Ranked([row[0] for row in rows], [row[1] for row in rows])


def forget_popular() -> None:
    """Read popular lists afresh."""
    _learned.cache_clear()
    _by_catalogue.cache_clear()
