"""Noisy estimates drawn towards their group, and groups towards the whole (empirical Bayes).

The spread of true values is its posterior mean under a half-normal prior, by the marginal
likelihood on a grid, which unlike the usual moment estimates is never zero: A. Gelman, "Prior
distributions for variance parameters in hierarchical models", Bayesian Analysis 1(3), 2006.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

SPREADS = np.geomspace(0.02, 4.0, 40)
ORDINARY_SPREAD = 0.6  # scale of the prior: elasticities of a category's products differ like that


@dataclass(frozen=True, slots=True)
class Prior:
    """Where estimates of a kind lie: their mean, its error, and their true spread."""

    mean: float
    error: float
    spread: float


@dataclass(frozen=True, slots=True)
class Shrunk:
    """Posterior means and errors (n,), and the prior of each group (groups,) and of all."""

    values: Values
    errors: Values
    groups: tuple[Prior, ...]
    whole: Prior


def pool(values: Values, errors: Values, fallback: Prior) -> Prior:
    """The prior that `values` with their standard `errors` speak for; NaN are left out."""
    known = np.isfinite(values) & np.isfinite(errors)
    if not known.any():
        return fallback
    values, errors = values[known], errors[known]
    spread = estimate_spread(values, errors) if len(values) > 1 else fallback.spread
    weights = 1.0 / (errors**2 + spread**2)
    mean, error = float(weights @ values / weights.sum()), float(weights.sum() ** -0.5)
    return Prior(mean, error, spread)


def estimate_spread(values: Values, errors: Values, centre: Values | None = None) -> float:
    """The spread of true values around their mean, or around `centre` where that is given (n,)."""
    variance = errors[:, None] ** 2 + SPREADS**2  # (n, grid)
    weights = 1.0 / variance
    if centre is None:
        means = (weights * values[:, None]).sum(axis=0) / weights.sum(axis=0)
        penalty = 0.5 * np.log(weights.sum(axis=0))  # the mean is estimated too
    else:
        means, penalty = centre[:, None], np.zeros(len(SPREADS))
    fit = -0.5 * (np.log(variance) + (values[:, None] - means) ** 2 * weights).sum(axis=0) - penalty
    # The grid is even in logarithms: each point stands for a width in proportion to itself.
    log_posterior = fit - 0.5 * (SPREADS / ORDINARY_SPREAD) ** 2 + np.log(SPREADS)
    chance = np.exp(log_posterior - log_posterior.max())
    return float(chance @ SPREADS / chance.sum())


def draw_in(value: Values, error: Values, mean: Values, spread: Values) -> tuple[Values, Values]:
    """Posterior mean and error of each; where `value` is NaN, the prior speaks alone."""
    known = np.isfinite(value) & np.isfinite(error)
    noise, prior = np.where(known, error, 1.0) ** 2, spread**2
    weight = np.where(known, prior / (prior + noise), 0.0)
    result = mean + weight * (np.where(known, value, mean) - mean)
    left = np.where(known, prior * noise / np.maximum(prior + noise, 1e-300), prior)
    return result, np.sqrt(left)


def shrink(values: Values, errors: Values, groups: NDArray[np.int64], fallback: Prior) -> Shrunk:
    """Estimates (n,) drawn towards their group's mean, which is drawn towards the mean of all.

    `fallback` speaks where there is nothing to learn from. NaN values borrow wholly.
    """
    whole = pool(values, errors, fallback)
    count = int(groups.max(initial=-1)) + 1
    own = [
        pool(values[groups == group], errors[groups == group], Prior(np.nan, np.nan, whole.spread))
        for group in range(count)
    ]
    means, mistakes = np.array([g.mean for g in own]), np.array([g.error for g in own])
    between = pool(means, mistakes, whole).spread if count > 1 else 0.0
    centre, doubt = draw_in(means, mistakes, np.full(count, whole.mean), np.full(count, between))
    within = _spread_within(values, errors, groups, centre, whole.spread)
    posterior, left = draw_in(values, errors, centre[groups], np.full(len(values), within))
    # Where a product borrows, what is unknown of its category adds to what is unknown of it.
    borrowed = np.where(
        np.isfinite(errors), within**2 / np.maximum(1e-300, within**2 + errors**2), 0.0
    )
    total = np.sqrt(left**2 + ((1.0 - borrowed) * doubt[groups]) ** 2)
    priors = tuple(Prior(float(c), float(d), within) for c, d in zip(centre, doubt, strict=True))
    return Shrunk(posterior, total, priors, whole)


def _spread_within(
    values: Values, errors: Values, groups: NDArray[np.int64], centre: Values, fallback: float
) -> float:
    """The spread of true values around their own group's, one for all groups."""
    known = np.isfinite(values) & np.isfinite(errors)
    if known.sum() < 2:
        return fallback
    return estimate_spread(values[known], errors[known], centre[groups[known]])
