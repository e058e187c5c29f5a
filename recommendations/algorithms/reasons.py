"""Why a product is recommended: the part that each past product has in what speaks for it."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.blend import Model
from recommendations.algorithms.compiled import compiled, compiled_sum
from recommendations.algorithms.ranked_rows import Best, Numbers, Shoppers
from recommendations.algorithms.sparse_rows import Floats, Rows, as_rows

# What contributes less than this is no reason that a shopper would see.
LEAST_SHARE = 0.01
_NOTHING = np.float32(0.0)


class Evidence(NamedTuple):
    """What a block of shoppers was scored by.

    `weighted` are the rows that ALS was asked with and `roots` what they were solved by (see
    `fold_in_rows`). What kNN was asked with, in `shoppers`, is a part of these; `best` is what came
    of it.
    """

    weighted: sp.csr_matrix
    roots: NDArray[np.float64]
    shoppers: Shoppers
    best: Best


class Told(NamedTuple):
    """Past products (shoppers x explained x reasons), -1 where there are fewer, and their shares.

    A share is of all that speaks for the product.
    """

    causes: Numbers
    shares: Floats


def explain(model: Model, recent: Floats, evidence: Evidence) -> Told:
    """The strongest past products behind the first of each list, as the settings have it."""
    most, best = model.settings.reasons, evidence.best.columns[:, : model.settings.explained]
    told = Told(np.full((*best.shape, most), -1), np.zeros((*best.shape, most), np.float32))
    if told.causes.size and evidence.weighted.nnz:
        liked = as_rows(evidence.weighted)
        parts = _parts_of_als(model, evidence, liked, best)
        sides = _Sides(evidence.shoppers.asked, evidence.shoppers.spoken, liked, recent)
        _tell(sides, best, evidence.best.factors, parts, told)
    return told


def _parts_of_als(model: Model, evidence: Evidence, liked: Rows, best: Numbers) -> Floats:
    """y_i · system⁻¹ · y_j of what is shown and what is liked, for each shopper (shown x liked)."""
    factors, roots = model.factors.factors, evidence.roots.astype(np.float32)
    shown = factors.take(best, axis=0, mode="clip") @ (roots.transpose(0, 2, 1) @ roots)
    past, depth = factors.take(liked.columns, axis=0), best.shape[1]
    parts = np.empty(depth * len(past), dtype=np.float32)
    _multiply(shown, past, liked.pointers, parts)
    return parts


@compiled
def _multiply(shown: Floats, past: Floats, pointers: Numbers, parts: Floats) -> None:
    """Put each shopper's `shown` times what is `past` of theirs into `parts`, one after another."""
    depth = shown.shape[1]
    for row in range(len(shown)):
        start, end = pointers[row], pointers[row + 1]
        own = parts[depth * start : depth * end].reshape(depth, end - start)
        np.dot(shown[row], past[start:end].T, out=own)


class _Sides(NamedTuple):
    """What speaks for products: kNN (see `Shoppers`), ALS, asked with `liked`, and the trend."""

    asked: Rows
    spoken: Rows
    liked: Rows
    recent: Floats


@compiled
def _tell(sides: _Sides, best: Numbers, factors: Floats, parts: Floats, told: Told) -> None:
    """Fill in what is `told`, still nothing, of `best`; `parts` of ALS are used up."""
    depth, liked = best.shape[1], sides.liked
    places = np.full(len(sides.recent), -1, np.int32)
    for row in range(len(best)):
        start, end = liked.pointers[row], liked.pointers[row + 1]
        own = parts[depth * start : depth * end].reshape(depth, end - start)
        of_als, of_knn, of_trend = factors[row]
        for place in range(depth):
            for i in range(end - start):
                own[place, i] *= liked.values[start + i] * of_als
            if best[row, place] >= 0:
                places[best[row, place]] = place
        _add_neighbours(sides, row, places, own, of_knn)
        for place in range(depth):
            column = best[row, place]
            if column >= 0:
                places[column] = -1
                trend = max(sides.recent[column] * of_trend, _NOTHING)
                _name(own[place], trend, told.causes[row, place], told.shares[row, place])
        for place in range(depth):
            for rank in range(told.causes.shape[2]):
                if told.causes[row, place, rank] >= 0:
                    told.causes[row, place, rank] = liked.columns[
                        start + told.causes[row, place, rank]
                    ]


@compiled
def _add_neighbours(
    sides: _Sides, row: int, places: NDArray[np.int32], own: Floats, of_knn: np.float32
) -> None:
    """Add what kNN has in the scores; what it is asked with and what is liked ascend by column."""
    asked, spoken, liked = sides.asked, sides.spoken, sides.liked
    start = column = liked.pointers[row]
    for i in range(asked.pointers[row], asked.pointers[row + 1]):
        product, weight = asked.columns[i], asked.values[i] * of_knn
        while liked.columns[column] != product:
            column += 1
        for j in range(spoken.pointers[i], spoken.pointers[i + 1]):
            place = places[spoken.columns[j]]
            if place >= 0:
                own[place, column - start] += weight * spoken.values[j]


@compiled
def _name(parts: Floats, trend: np.float32, causes: Numbers, shares: Floats) -> None:
    """Fill in where the strongest of `parts` (liked,) are, and their shares."""
    last = len(causes) - 1
    least, whole = _NOTHING, trend + _sum_positive(parts)
    for place in range(len(parts)):
        if parts[place] > least:
            rank = last
            while rank > 0 and parts[place] > shares[rank - 1]:
                causes[rank], shares[rank] = causes[rank - 1], shares[rank - 1]
                rank -= 1
            causes[rank], shares[rank] = place, parts[place]
            least = shares[last]
    for rank in range(last + 1):
        if causes[rank] >= 0:
            shares[rank] /= whole
            if shares[rank] < LEAST_SHARE:
                causes[rank], shares[rank] = -1, _NOTHING


@compiled_sum
def _sum_positive(parts: Floats) -> np.float32:
    total = _NOTHING
    for place in range(len(parts)):
        total += max(parts[place], _NOTHING)
    return total
