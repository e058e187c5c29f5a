"""How buying answers to price in one shop's own history: sparse, by product and day.

Sales of a product are Poisson with mean exposure * exp(a + elasticity * x), x being the logarithm
of price to list price. Given how much a product sold in all, how its sales fall on days doesn't
depend on `a`: so products need no effect of their own (conditional Poisson; Hausman, Hall and
Griliches, "Econometric models for count data", Econometrica 52, 1984). A category's elasticity
makes the most of that likelihood over its products; a product's own is drawn in towards it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.demand.shrinkage import Prior, draw_in, estimate_spread, pool

Codes = NDArray[np.int64]
Values = NDArray[np.float64]

# Elasticities beyond these are not believed; nor is a demand that grows with the price.
PLAUSIBLE = (-8.0, -0.2)
# What is assumed of a shop of which nothing is known; retail goods mostly lie between -1 and -4
# (Bijmolt, van Heerde and Pieters, JMR 42, 2005: mean -2.62).
ORDINARY = Prior(mean=-2.6, error=1.0, spread=0.6)
ROUNDS = 6  # of seasons, then slopes
STEPS = 25
LEAST_INFORMATION = 0.05
FURTHEST_STEP = 1.0
PRIOR_SHOPPERS = 30.0  # of its category's, that the share of a product's who buy starts from
ENOUGH_INFORMATION = 4.0  # of a product: an error of 1/2; with less it borrows


@dataclass(frozen=True, slots=True)
class DailySales:
    """Days on which a product was on sale: (n,) each.

    `product` and `day` are codes from 0, `exposure` is who could have bought (shoppers who looked,
    or 1), `units` what was sold, `log_ratio` the logarithm of price to list price.
    """

    product: Codes
    day: Codes
    exposure: Values
    units: Values
    log_ratio: Values


@dataclass(frozen=True, slots=True)
class Responses:
    """What is known of each of p products: (p,) each.

    `elasticity` with its standard `error`; `own_error` is that of the product's own history alone
    (infinite where it tells nothing), `is_borrowed` where that is too little to speak of.
    `categories` are the categories' priors.
    """

    elasticity: Values
    error: Values
    own_error: Values
    is_borrowed: NDArray[np.bool_]
    categories: tuple[Prior, ...]
    whole: Prior


def fit_responses(sales: DailySales, category: Codes) -> Responses:
    """Elasticities of the products whose categories are `category` (products,)."""
    groups = int(category.max(initial=-1)) + 1
    slopes, mean = np.full(groups, ORDINARY.mean), sales.exposure
    errors, prior, centre, doubt = slopes, ORDINARY, slopes, slopes
    for _ in range(ROUNDS):
        mean = _without_seasons(sales, mean, centre[category])
        slopes, errors = _climb(sales, mean, category, groups, centre)
        prior = pool(slopes, errors, ORDINARY)
        centre, doubt = draw_in(
            slopes, errors, np.full(groups, prior.mean), np.full(groups, prior.spread)
        )
    doubt = np.hypot(doubt, np.where(np.isfinite(slopes), 0.0, prior.error))
    return _fit_products(sales, mean, _Categories(category, centre, doubt, prior))


@dataclass(frozen=True, slots=True)
class _Categories:
    """Which category each product has, and what is known of their slopes."""

    of: Codes
    centre: Values
    doubt: Values
    whole: Prior


def _fit_products(sales: DailySales, mean: Values, categories: _Categories) -> Responses:
    """Each product: one Newton step from its category's slope, drawn in by the spread within."""
    centre, doubt = categories.centre[categories.of], categories.doubt[categories.of]
    products = len(centre)
    score, information = _derivatives(sales, mean, np.arange(products), products, centre)
    tells = information > LEAST_INFORMATION
    safe = np.where(tells, information, 1.0)
    values = np.where(tells, centre + score / safe, np.nan)
    errors = np.where(tells, safe**-0.5, np.nan)
    within = ORDINARY.spread / 2
    if tells.sum() > 1:
        within = estimate_spread(values[tells], errors[tells], centre[tells])
    drawn, left = draw_in(values, errors, centre, np.full(products, within))
    borrowed = within**-2 / (within**-2 + information)
    return Responses(
        elasticity=np.clip(drawn, *PLAUSIBLE),
        error=np.hypot(left, borrowed * doubt),
        own_error=np.where(tells, errors, np.inf),
        is_borrowed=information < ENOUGH_INFORMATION,
        categories=tuple(
            Prior(float(c), float(d), within)
            for c, d in zip(categories.centre, categories.doubt, strict=True)
        ),
        whole=categories.whole,
    )


def _without_seasons(sales: DailySales, mean: Values, slope: Values) -> Values:
    """Exposure times how much more the whole shop sold that day than prices explain: (n,).

    Thus what befalls all products at once, a season or a weekday, is not taken for an answer to
    prices. `mean` is what this said before, `slope` (products,) what is believed of prices.
    """
    days, products = int(sales.day.max(initial=-1)) + 1, len(slope)
    pull = np.exp(slope[sales.product] * sales.log_ratio)
    weight = np.maximum(_sums(sales.product, mean * pull, products), 1e-300)
    sold = _sums(sales.product, sales.units, products)
    expected = sales.exposure * pull * (sold / weight)[sales.product]
    happened = _sums(sales.day, sales.units, days)
    # A day with few sales tells little of days: ten units of an ordinary one go with it.
    factor = (happened + 10.0) / (_sums(sales.day, expected, days) + 10.0)
    result: Values = sales.exposure * factor[sales.day]
    return result


def _derivatives(
    sales: DailySales, mean: Values, group: Codes, groups: int, slope: Values
) -> tuple[Values, Values]:
    """The score and information of each group's slope (groups,); `group` is (products,).

    `slope` holds one for each group, or one for each product where groups are products.
    """
    products = len(group)
    weight = mean * np.exp(slope[group][sales.product] * sales.log_ratio)
    total = np.maximum(_sums(sales.product, weight, products), 1e-300)
    first = _sums(sales.product, weight * sales.log_ratio, products) / total
    second = _sums(sales.product, weight * sales.log_ratio**2, products) / total
    sold = _sums(sales.product, sales.units, products)
    seen = _sums(sales.product, sales.units * sales.log_ratio, products)
    score = _sums(group, seen - sold * first, groups)
    information = _sums(group, sold * np.maximum(0.0, second - first**2), groups)
    return score, information


def _climb(
    sales: DailySales, mean: Values, group: Codes, groups: int, start: Values
) -> tuple[Values, Values]:
    """Slopes of most likelihood and their errors (groups,), NaN where there is nothing to see."""
    slope = start.copy()
    information = np.zeros(groups)
    for _ in range(STEPS):
        score, information = _derivatives(sales, mean, group, groups, slope)
        step = score / (information + 1e-9)
        step = np.where(information > 1e-6, np.clip(step, -FURTHEST_STEP, FURTHEST_STEP), 0.0)
        slope = np.clip(slope + step, -20.0, 10.0)
        if np.abs(step).max(initial=0.0) < 1e-6:
            break
    known = information > 0.25
    spread = _overdispersion(sales, mean, group, slope)
    errors = np.sqrt(spread / np.where(known, information, 1.0))
    return np.where(known, slope, np.nan), np.where(known, errors, np.nan)


def _overdispersion(sales: DailySales, mean: Values, group: Codes, slope: Values) -> float:
    """How much more sales vary than Poisson's would, at least 1: orders of several units."""
    products = len(group)
    weight = mean * np.exp(slope[group][sales.product] * sales.log_ratio)
    total = np.maximum(_sums(sales.product, weight, products), 1e-300)
    sold = _sums(sales.product, sales.units, products)
    fitted = weight * (sold / total)[sales.product]
    known = fitted > 0
    if known.sum() < 30:
        return 1.0
    chi2 = (sales.units[known] - fitted[known]) ** 2 / fitted[known]
    return float(max(1.0, chi2.sum() / max(1, known.sum() - int((sold > 0).sum()))))


@dataclass(frozen=True, slots=True)
class Traffic:
    """Since when products were there, in days from the start (p,), of `days` days in all.

    A day counts half after `half_life` days.
    """

    since: Values
    days: float
    half_life: float

    def weights(self, day: Codes) -> Values:
        """What each day counts (n,)."""
        return np.asarray(0.5 ** ((self.days - 1 - day) / self.half_life), np.float64)

    def lengths(self) -> Values:
        """What all days of each product count together (p,): at least one day."""
        there = np.maximum(1.0, self.days - self.since)
        result: Values = (1 - 0.5 ** (there / self.half_life)) * (
            self.half_life / float(np.log(2.0))
        )
        return result


def fit_rates(sales: DailySales, elasticity: Values, category: Codes, traffic: Traffic) -> Values:
    """Units a day at list price of each product (p,): who comes times how many of them buy.

    How many buy starts from the category's, so thin products are neither dead nor miracles.
    """
    products = len(category)
    counts = traffic.weights(sales.day)
    pull = np.exp(elasticity[sales.product] * sales.log_ratio)
    sold = _sums(sales.product, counts * sales.units, products)
    pulled = _sums(sales.product, counts * sales.exposure * pull, products)
    seen = _sums(sales.product, counts * sales.exposure, products)
    groups = int(category.max(initial=-1)) + 1
    typical = _sums(category, sold, groups) / np.maximum(1.0, _sums(category, pulled, groups))
    buying = (sold + PRIOR_SHOPPERS * typical[category]) / (pulled + PRIOR_SHOPPERS)
    rates: Values = buying * seen / traffic.lengths()
    return rates


def _sums(codes: Codes, values: Values, count: int) -> Values:
    """The sum of `values` of each code: (count,)."""
    return np.bincount(codes, values, count).astype(np.float64)
