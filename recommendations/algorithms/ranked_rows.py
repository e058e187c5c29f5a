"""Blend the legs' scores of shoppers, keep the best and tell what they come from, compiled.

Each shopper's scores are gone through while they are in the processor's cache.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.algorithms.compiled import compiled, compiled_sum
from recommendations.algorithms.sparse_rows import Floats, Rows

Numbers = NDArray[np.int64]

_NOTHING, _ONE = np.float32(0.0), np.float32(1.0)
# So many columns are looked at together, where there are enough of such groups.
GROUP, LEAST_GROUPS = 16, 4


class Shop(NamedTuple):
    """What is the same for all shoppers.

    `order` sorts recent popularity (products,), falling; `weights` are those of ALS, kNN and recent
    popularity in the blend.
    """

    recent: Floats
    order: Numbers
    weights: Floats


class Shoppers(NamedTuple):
    """What n shoppers are asked for.

    `asked` is what kNN is asked with, and row i of `spoken` holds the neighbours of its i-th entry:
    copied from all over the shop they lie in a row, where the processor finds them in time. `seen`
    is not to be shown.
    """

    asked: Rows
    spoken: Rows
    seen: Rows


class Room(NamedTuple):
    """Room for one shopper, each (products,).

    `together` and `hidden` are zeros and are left so; `maxima` are anything.
    """

    together: Floats
    hidden: NDArray[np.bool_]
    maxima: Floats


def make_room(products: int) -> Room:
    """Room that one thread at a time may use."""
    return Room(
        np.zeros(products, np.float32), np.zeros(products, bool), np.zeros(products, np.float32)
    )


class Best(NamedTuple):
    """The best for n shoppers, to be filled in.

    `columns` (n x depth) hold -1 and `scores` (n x depth) 0 where a list ends early; `factors`
    (n x 3) are what the legs' scores were multiplied with.
    """

    columns: Numbers
    scores: Floats
    factors: Floats


@compiled
def rank_rows(shop: Shop, shoppers: Shoppers, scores: Floats, best: Best, room: Room) -> None:
    """Fill in `best` from what ALS says, `scores` (n x products), which are used up."""
    seen = shoppers.seen
    for row in range(len(scores)):
        own = scores[row]
        _gather(shoppers, row, room.together)
        for i in range(seen.pointers[row], seen.pointers[row + 1]):
            room.hidden[seen.columns[i]] = True
            own[seen.columns[i]] = room.together[seen.columns[i]] = _NOTHING
        factors = best.factors[row]
        factors[0] = _factor(shop.weights[0], _greatest(own))
        factors[1] = _factor(shop.weights[1], _greatest(room.together))
        factors[2] = _factor(shop.weights[2], _newest(shop, room.hidden))
        _blend(own, room.together, shop.recent, factors)
        for i in range(seen.pointers[row], seen.pointers[row + 1]):
            room.hidden[seen.columns[i]] = False
            own[seen.columns[i]] = _NOTHING
        _keep_best(own, best.columns[row], best.scores[row], room.maxima)


@compiled
def _gather(shoppers: Shoppers, row: int, together: Floats) -> None:
    """Add what the products that a shopper is asked with say for others."""
    asked, spoken = shoppers.asked, shoppers.spoken
    for i in range(asked.pointers[row], asked.pointers[row + 1]):
        weight = asked.values[i]
        for j in range(spoken.pointers[i], spoken.pointers[i + 1]):
            together[spoken.columns[j]] += weight * spoken.values[j]


@compiled
def _greatest(scores: Floats) -> np.float32:
    """The greatest of `scores`, or 0; of 16 at a time, for these are compared at once."""
    lanes = np.zeros(16, np.float32)
    whole = len(scores) - len(scores) % 16
    for start in range(0, whole, 16):
        for lane in range(16):
            score = scores[start + lane]
            lanes[lane] = max(lanes[lane], score)
    greatest = _NOTHING
    for lane in range(16):
        greatest = max(greatest, lanes[lane])
    for k in range(whole, len(scores)):
        greatest = max(greatest, scores[k])
    return greatest


@compiled
def _newest(shop: Shop, hidden: NDArray[np.bool_]) -> np.float32:
    """The greatest recent popularity of what is not hidden."""
    for column in shop.order:
        if not hidden[column]:
            newest: np.float32 = shop.recent[column]
            return newest
    return _NOTHING


@compiled
def _factor(weight: np.float32, best: np.float32) -> np.float32:
    """What a leg's scores are multiplied with: its weight to its best."""
    return weight / best if best > _NOTHING else _NOTHING


@compiled
def _blend(own: Floats, together: Floats, recent: Floats, factors: Floats) -> None:
    """Put the blend in place of ALS's scores, and zeros in place of kNN's."""
    of_als, of_knn, of_trend = factors
    for k in range(len(own)):
        score = max(_NOTHING, own[k])
        own[k] = score * of_als + together[k] * of_knn + recent[k] * of_trend
        together[k] = _NOTHING


@compiled
def _keep_best(scores: Floats, columns: Numbers, kept: Floats, maxima: Floats) -> None:
    """Fill in the best positive `scores` (products,), equal ones by column, and their columns.

    Column c is in group c % groups, so that the maxima of groups are taken over runs of columns. A
    bound that as many maxima reach as are wanted few other columns reach: only these are looked at.
    """
    columns[:], kept[:] = -1, _NOTHING
    size = GROUP if len(scores) >= GROUP * LEAST_GROUPS * len(kept) else 1
    groups = len(scores) // size
    maxima[:groups] = scores[:groups]
    for start in range(groups, groups * size, groups):
        for group in range(groups):
            maxima[group] = max(maxima[group], scores[start + group])
    bound = _bound(maxima[:groups], len(kept))
    for group in range(groups):
        if maxima[group] >= bound:
            for column in range(group, groups * size, groups):
                if scores[column] >= bound:
                    _insert(column, scores[column], columns, kept)
    for column in range(groups * size, len(scores)):
        if scores[column] >= bound:
            _insert(column, scores[column], columns, kept)


# So often the distance between a bound and the best is halved.
HALVINGS = 10


@compiled
def _bound(scores: Floats, wanted: int) -> np.float32:
    """What at least `wanted` of `scores` reach, and few more; 0 where fewer are above it."""
    low, high = _NOTHING, _greatest(scores)
    for _ in range(HALVINGS):
        middle = (low + high) / np.float32(2.0)
        if _count(scores, middle) >= wanted:
            low = middle
        else:
            high = middle
    return low


@compiled_sum
def _count(scores: Floats, bound: np.float32) -> np.float32:
    """How many of `scores` reach `bound`; as floats, many are compared and counted at once."""
    found = _NOTHING
    for score in scores:
        found += _ONE if score >= bound else _NOTHING
    return found


@compiled
def _insert(column: int, score: np.float32, columns: Numbers, kept: Floats) -> None:
    """Put `column` in its place among those that are kept, if it is better than the last."""
    place = len(kept) - 1
    if score < kept[place] or (score == kept[place] and column > columns[place]):
        return
    while place > 0 and (
        score > kept[place - 1] or (score == kept[place - 1] and column < columns[place - 1])
    ):
        kept[place], columns[place] = kept[place - 1], columns[place - 1]
        place -= 1
    kept[place], columns[place] = score, column
