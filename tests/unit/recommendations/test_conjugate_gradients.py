"""Steps of conjugate gradients lead to the exact solution of each row's equation."""

import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.algorithms.conjugate_gradients import Equations, step_rows
from recommendations.algorithms.sparse_rows import as_rows

PRODUCTS, ROWS = 30, 12


def draw(width, seed=5):
    generator = np.random.default_rng(seed)
    given = generator.normal(size=(PRODUCTS, width)).astype(np.float32)
    # Row r likes r products: every remainder of four is among them, and none at all.
    rows = [np.sort(generator.permutation(PRODUCTS)[:number]) for number in range(ROWS)]
    pointers = np.cumsum([0, *map(len, rows)])
    confidences = (1.0 + 3.0 * generator.random(pointers[-1])).astype(np.float32)
    liked = sp.csr_matrix((confidences, np.concatenate(rows), pointers), shape=(ROWS, PRODUCTS))
    start = generator.normal(size=(ROWS, width)).astype(np.float32)
    return liked, given, start


def step(liked, given, solved, steps, bounds=(0, ROWS)):
    gram = given.T @ given + np.eye(given.shape[1], dtype=np.float32)
    step_rows(Equations(as_rows(liked), given, gram), solved, steps, *bounds)


def solve(liked, given):
    """(Y\u1d40 C Y + I) x = Y\u1d40 C p, row by row, as matrices."""
    wide, exact = given.astype(np.float64), []
    for row in liked.toarray().astype(np.float64):
        confidences = np.where(row > 0, row, 1.0)
        system = wide.T @ (confidences[:, None] * wide) + np.eye(wide.shape[1])
        exact.append(np.linalg.solve(system, wide.T @ row))
    return np.array(exact)


@pytest.mark.parametrize("width", [1, 3, 4, 9, 16])
def test_as_many_steps_as_factors_solve_it(width):
    liked, given, solved = draw(width)
    step(liked, given, solved, width + 2)
    np.testing.assert_allclose(solved, solve(liked, given), atol=2e-3)


def test_each_step_comes_nearer():
    liked, given, start = draw(16)
    exact, left = solve(liked, given), []
    for steps in range(5):
        solved = start.copy()
        step(liked, given, solved, steps)
        left.append(np.abs(solved - exact)[1:].sum())
    assert left == sorted(left, reverse=True)


def test_what_is_solved_stays():
    liked, given, _ = draw(8)
    solved = solve(liked, given).astype(np.float32)
    before = solved.copy()
    step(liked, given, solved, 2)
    np.testing.assert_allclose(solved, before, atol=1e-5)


def test_other_rows_are_left_alone():
    liked, given, start = draw(8)
    solved, whole = start.copy(), start.copy()
    step(liked, given, solved, 2, (4, 7))
    step(liked, given, whole, 2)
    np.testing.assert_array_equal(solved[4:7], whole[4:7])
    np.testing.assert_array_equal(
        np.delete(solved, range(4, 7), 0), np.delete(start, range(4, 7), 0)
    )


def test_a_row_without_anything_is_zero():
    liked, given, solved = draw(8)
    step(liked, given, solved, 1)
    assert not solved[0].any()
    assert solved[1:].any(axis=1).all()


def test_it_does_not_matter_where_in_memory_things_lie():
    liked, given, start = draw(8)
    gram = given.T @ given + np.eye(8, dtype=np.float32)
    equations = Equations(as_rows(liked), given, gram)
    copies = [start.copy() for _ in range(200)]
    for solved in copies:
        step_rows(equations, solved, 2, 0, ROWS)
    assert len({solved.tobytes() for solved in copies}) == 1
