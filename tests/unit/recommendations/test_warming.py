"""What was compiled ahead serves the first shopper."""

import numpy as np
import scipy.sparse as sp

from recommendations.algorithms import als, ranked_rows, reasons
from recommendations.algorithms.blend import EngineSettings, fit_model
from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.recommending import recommend_blocks
from recommendations.algorithms.warming import warm_up

LOOPS = (
    als._write_systems, als._invert, ranked_rows.rank_rows, reasons._multiply, reasons._tell,
)  # fmt: skip


def test_a_shopper_waits_for_no_compiler():
    warm_up()
    before = [len(loop.signatures) for loop in LOOPS]
    users, products = np.divmod(np.arange(40), 8)
    weights, times = np.ones(40), np.zeros(40)
    interactions = Interactions(users, (products * 3 + users) % 9, weights, times, (5, 9))
    model = fit_model(interactions, EngineSettings(), 0.0)
    taken = sp.csr_matrix((np.ones(2), ([0, 0], [1, 4])), (1, 9))
    assert [block.products.shape for block in recommend_blocks(model, taken, taken, 5)] == [(1, 5)]
    assert all(before)
    assert [len(loop.signatures) for loop in LOOPS] == before
