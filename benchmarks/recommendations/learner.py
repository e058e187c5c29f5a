"""The best-informed learner: what the sample shop's events can tell about tastes at most.

It knows everything but the tastes themselves: what each product is made of, how popular it is,
that a view's chance grows with exp(affinity + log popularity), and how tastes are spread. From the
counts of each customer's events it takes the likeliest taste (maximum a posteriori, normal prior).
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize

STEPS = 100


def learn_tastes(
    counts: sp.csr_matrix,
    vectors: NDArray[np.float64],
    popularity: NDArray[np.float64],
    tastes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The likeliest taste of each customer (customers x dimensions).

    `counts` (customers x products), `vectors` (products x dimensions), log `popularity`
    (products,); of the true `tastes` only the mean and the covariance are used.
    """
    mean, precision = tastes.mean(axis=0), np.linalg.inv(np.cov(tastes.T))
    looked = counts @ vectors
    times = np.asarray(counts.sum(axis=1)).ravel()

    def surprise(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        guess = flat.reshape(tastes.shape)
        utility = guess @ vectors.T + popularity
        most = utility.max(axis=1, keepdims=True)
        chances = np.exp(utility - most)
        whole = chances.sum(axis=1)
        likely = (guess * looked).sum() - (times * (np.log(whole) + most[:, 0])).sum()
        away = guess - mean
        pull = away @ precision
        slope = looked - (chances * (times / whole)[:, None]) @ vectors - pull
        return float(0.5 * (pull * away).sum() - likely), -slope.ravel()

    start = np.tile(mean, (len(tastes), 1)).ravel()
    found = minimize(surprise, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x.reshape(tastes.shape))
