"""Alternating least squares for implicit feedback, fold-in of new rows, and explanations.

Hu, Koren & Volinsky (2008), "Collaborative Filtering for Implicit Feedback Datasets". Training
takes the steps that `implicit` takes; fold-in is the exact solve of one shopper's equation.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.compiled import compiled
from recommendations.algorithms.conjugate_gradients import Equations, step_rows
from recommendations.algorithms.sparse_rows import Rows, as_rows
from recommendations.algorithms.threads import map_in_order, single_threaded


@dataclass(frozen=True, slots=True)
class AlsSettings:
    """`confidence` is the mean confidence of an observed pair; an unobserved pair has 1.

    `regularization` is relative to the noise of the matrix: see `noise_level`. From factors that
    were learnt before, `warm_iterations` lead as far as `iterations` do from noise. In each of them
    a row's equation is solved by so many `solver_steps` of conjugate gradients from where it stood.
    """

    factors: int = 64
    regularization: float = 1.1
    iterations: int = 15
    warm_iterations: int = 4
    solver_steps: int = 2
    confidence: float = 0.3
    k1: float = 1.2
    b: float = 0.2
    seed: int = 7
    threads: int = 0


@dataclass(frozen=True, slots=True)
class ProductFactors:
    """What fold-in needs: factors (products x factors), their Gram matrix, regularisation."""

    factors: NDArray[np.float32]
    regularization: float
    gram: NDArray[np.float64] = field(init=False, repr=False)
    wide: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        wide = self.factors.astype(np.float64)
        object.__setattr__(self, "wide", wide)
        gram = wide.T @ wide + self.regularization * np.eye(self.factors.shape[1])
        object.__setattr__(self, "gram", gram)


def noise_level(weighted: sp.csr_matrix) -> float:
    """The largest singular value that a matrix without any structure would have.

    That is its Frobenius norm times (1 / √rows + 1 / √columns), of those that are not empty: the
    edge of the Marchenko-Pastur law. ALS keeps the components whose singular value exceeds the
    regularisation, so this tells signal from noise for a shop of any size.
    """
    rows = np.count_nonzero(np.diff(weighted.indptr))
    columns = np.count_nonzero(np.bincount(weighted.indices))
    if not rows or not columns:
        return 1.0
    norm = float(np.sqrt(np.square(weighted.data).sum()))
    return float(norm * (rows**-0.5 + columns**-0.5))


def fit_als(
    weighted: sp.csr_matrix, settings: AlsSettings, start: NDArray[np.float32] | None = None
) -> ProductFactors:
    """Factorise `weighted` (users x products), from the factors `start` where there are any.

    `start` is (products x factors), with a row of zeros for a product that is new; it is not used
    where its width is another. The same input, seed and start give the same factors, however many
    threads work: each row is solved by one of them. Raises FloatingPointError where they overflow.
    """
    regularization = settings.regularization * noise_level(weighted)
    weighted = weighted.astype(np.float32)
    generator = np.random.default_rng(settings.seed)
    users, products = (_noise(generator, rows, settings.factors) for rows in weighted.shape)
    iterations = settings.iterations
    if start is not None and start.shape == products.shape:
        products, iterations = _without_zeros(start, settings.seed), settings.warm_iterations
    sides = _Side.of(weighted), _Side.of(weighted.T.tocsr())
    for _ in range(iterations):
        sides[0].improve(users, products, regularization, settings)
        sides[1].improve(products, users, regularization, settings)
    if not np.isfinite(products).all():
        raise FloatingPointError("Factors that are no numbers: the confidences are too far apart.")
    return ProductFactors(products, regularization)


# Fewer pairs than these are gone through by one thread; each has its share of the others in PARTS.
LEAST_PAIRS, PARTS = 50_000, 64


@dataclass(frozen=True, slots=True)
class _Side:
    """The rows of a matrix, and where they are parted so that each part has about as much to do."""

    rows: Rows
    bounds: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, matrix: sp.csr_matrix) -> "_Side":
        rows = as_rows(matrix)
        parts = PARTS if matrix.nnz >= LEAST_PAIRS else 1
        ends = np.searchsorted(rows.pointers, np.linspace(0, matrix.nnz, parts + 1)[1:-1])
        return cls(rows, list(pairwise([0, *ends.tolist(), matrix.shape[0]])))

    def improve(
        self,
        solved: NDArray[np.float32],
        given: NDArray[np.float32],
        regularization: float,
        settings: AlsSettings,
    ) -> None:
        """Bring `solved` (rows x factors) nearer to what `given` (columns x factors) ask for."""
        with single_threaded():
            gram = given.T @ given
        gram += np.float32(regularization) * np.eye(len(gram), dtype=np.float32)
        equations = Equations(self.rows, given, gram)

        def work(bounds: tuple[int, int]) -> None:
            step_rows(equations, solved, settings.solver_steps, *bounds)

        deque(map_in_order(work, self.bounds, settings.threads), maxlen=0)


def _noise(generator: np.random.Generator, rows: int, factors: int) -> NDArray[np.float32]:
    """The little noise that a row begins with."""
    return generator.random((rows, factors), dtype=np.float32) * np.float32(0.01)


def _without_zeros(start: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """`start` with the little noise in place of zeros that a product begins with."""
    noise = _noise(np.random.default_rng(seed), *start.shape)
    known = np.any(start != 0.0, axis=1, keepdims=True)
    return np.ascontiguousarray(np.where(known, start, noise), dtype=np.float32)


def fold_in(
    products: ProductFactors, liked: NDArray[np.integer], confidences: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A shopper's factors (factors,), and the part that each liked product has in them.

    The parts are (factors x liked) and sum to the factors: the score of product i is
    y_i · Σ parts, so y_i · parts[:, j] is what liked product j contributes to it (section 5).
    """
    pointers, shape = np.array([0, len(liked)]), (1, len(products.factors))
    row = sp.csr_matrix((confidences, liked, pointers), shape=shape)
    factors, roots = fold_in_rows(products, row)
    chosen = products.wide[liked] * confidences.astype(np.float64)[:, None]
    return factors[0], roots[0].T @ (roots[0] @ chosen.T)


def fold_in_rows(
    products: ProductFactors, weighted: sp.csr_matrix
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The factors (shoppers x factors) of each row of confidences, and the roots they came by.

    A shopper's system is (factors x factors): Yᵀ C Y + λ. The root R of its inverse, by Cholesky,
    is lower triangular and solves whatever else is asked of the system: its inverse is Rᵀ R.
    """
    size = products.factors.shape[1]
    systems = np.empty((weighted.shape[0], size, size))
    sums = np.empty((weighted.shape[0], size, 1))
    _write_systems(products.factors, as_rows(weighted), systems, sums)
    systems += products.gram
    roots = invert_lower(np.linalg.cholesky(systems))
    return (roots.transpose(0, 2, 1) @ (roots @ sums))[:, :, 0], roots


@compiled
def _write_systems(
    factors: NDArray[np.float32],
    liked: Rows,
    systems: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Put each row's Yᵀ (C - 1) Y into `systems` and its Yᵀ C into `sums`.

    Single precision suffices for what one shopper adds to the Gram matrix of all products.
    """
    width = factors.shape[1]
    for row in range(len(systems)):
        start, end = liked.pointers[row], liked.pointers[row + 1]
        chosen = np.empty((end - start, width), np.float32)
        scaled = np.empty((end - start, width), np.float32)
        for i in range(end - start):
            further = liked.values[start + i] - np.float32(1.0)
            for k in range(width):
                chosen[i, k] = factors[liked.columns[start + i], k]
                scaled[i, k] = further * chosen[i, k]
        systems[row] = np.dot(chosen.T, scaled)
        sums[row, :, 0] = np.dot(liked.values[start:end], chosen)


def invert_lower(lower: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverses of lower triangular matrices (... x n x n)."""
    inverse = np.zeros(lower.shape)
    size = lower.shape[-1]
    _invert(lower.reshape(-1, size, size), inverse.reshape(-1, size, size))
    return inverse


@compiled
def _invert(lower: NDArray[np.float64], inverse: NDArray[np.float64]) -> None:
    """Put the inverses of `lower` in place of zeros: row i from the rows above it, four at a time.

    R_i = (e_i - sum over k < i of L_ik R_k) / L_ii, where R_k ends at column k.
    """
    for number in range(len(lower)):
        given, found = lower[number], inverse[number]
        for i in range(len(given)):
            row, whole = found[i], i - i % 4
            for k in range(0, whole, 4):
                a, b, c, d = given[i, k], given[i, k + 1], given[i, k + 2], given[i, k + 3]
                r, s, t, u = found[k], found[k + 1], found[k + 2], found[k + 3]
                for j in range(k + 4):
                    row[j] = row[j] - a * r[j] - b * s[j] - c * t[j] - d * u[j]
            for k in range(whole, i):
                for j in range(k + 1):
                    row[j] -= given[i, k] * found[k, j]
            scale = 1.0 / given[i, i]
            for j in range(i):
                row[j] *= scale
            row[i] = scale
