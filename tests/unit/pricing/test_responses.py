"""Elasticities from a shop's own sparse sales, products borrowing from their category."""

import numpy as np
import pytest

from pricing.algorithms.demand.responses import DailySales, Traffic, fit_rates, fit_responses

CATEGORY_SLOPES = np.array([-1.2, -2.5, -4.0])


def draw(seed=1, products=120, days=112, rate=0.6):
    rng = np.random.default_rng(seed)
    category = np.arange(products) % 3
    truth = CATEGORY_SLOPES[category] + rng.normal(0, 0.15, products)
    product, day = (part.ravel() for part in np.indices((products, days)))
    week_ratio = rng.choice([0.7, 0.85, 1.0, 1.0, 1.1], size=(products, days // 7))
    log_ratio = np.log(week_ratio[product, day // 7])
    popularity = rng.lognormal(0, 0.8, products)
    season = 1 + 0.5 * np.sin(day / 9)
    exposure = rng.poisson(12 * popularity[product] * season).astype(float)
    units = rng.poisson(rate / 12 * exposure * np.exp(truth[product] * log_ratio)).astype(float)
    return DailySales(product, day, exposure, units, log_ratio), category, truth, popularity * rate


def test_categories_are_found_and_products_lie_around_them():
    sales, category, truth, _ = draw()
    found = fit_responses(sales, category)
    assert [prior.mean for prior in found.categories] == pytest.approx(
        CATEGORY_SLOPES.tolist(), abs=0.3
    )
    assert np.abs(found.elasticity - truth).mean() < 0.25
    assert np.corrcoef(found.elasticity, truth)[0, 1] > 0.95


def test_errors_cover_what_they_should():
    inside = []
    for seed in range(8):
        sales, category, truth, _ = draw(seed)
        found = fit_responses(sales, category)
        inside.append(np.mean(np.abs(found.elasticity - truth) <= 1.96 * found.error))
    assert 0.88 <= np.mean(inside) <= 1.0


def test_a_season_is_not_taken_for_an_answer_to_prices():
    """Everything is dearer when everything sells: the season's doing, not the price's."""
    sales, category, truth, _ = draw()
    high = 1 + 0.5 * np.sin(sales.day / 9) > 1.2
    log_ratio = np.where(high, np.maximum(sales.log_ratio, 0.05), sales.log_ratio)
    rng = np.random.default_rng(4)
    units = rng.poisson(0.05 * sales.exposure * np.where(high, 3.0, 1.0)
                        * np.exp(truth[sales.product] * log_ratio))  # fmt: skip
    found = fit_responses(
        DailySales(sales.product, sales.day, sales.exposure, units.astype(float), log_ratio),
        category,
    )  # fmt: skip
    assert np.abs(found.elasticity - truth).mean() < 0.4


def test_a_product_that_sold_little_borrows_and_says_so():
    sales, category, _, _ = draw()
    units = np.where(sales.product == 4, 0.0, sales.units)
    found = fit_responses(
        DailySales(sales.product, sales.day, sales.exposure, units, sales.log_ratio),
        category,
    )
    assert found.is_borrowed[4]
    assert found.elasticity[4] == pytest.approx(found.categories[category[4]].mean)
    assert not found.is_borrowed.all()


def test_a_shop_without_sales_knows_what_is_ordinary():
    empty = np.empty(0)
    codes = np.empty(0, np.int64)
    found = fit_responses(DailySales(codes, codes, empty, empty, empty), np.array([0, 0]))
    assert np.allclose(found.elasticity, -2.6, atol=0.01)
    assert (found.error >= 0.6).all()
    assert found.is_borrowed.all()


def test_rates_are_those_at_list_price_and_thin_products_start_from_their_category():
    sales, category, truth, rate = draw()
    traffic = Traffic(np.zeros(120), 112.0, half_life=1000.0)
    found = fit_rates(sales, truth, category, traffic)
    assert np.corrcoef(found, rate)[0, 1] > 0.95
    assert found.mean() == pytest.approx(rate.mean(), rel=0.15)
    none = np.where(sales.product == 4, 0.0, sales.units)
    thin = DailySales(sales.product, sales.day, sales.exposure, none, sales.log_ratio)
    assert 0 < fit_rates(thin, truth, category, traffic)[4] < found.mean()


def test_a_product_that_came_lately_has_the_rate_of_its_own_days():
    sales, category, truth, rate = draw()
    late = (sales.product == 4) & (sales.day < 84)
    kept = DailySales(*(column[~late] for column in (
        sales.product, sales.day, sales.exposure, sales.units, sales.log_ratio)))  # fmt: skip
    since = np.where(np.arange(120) == 4, 84.0, 0.0)
    found = fit_rates(kept, truth, category, Traffic(since, 112.0, half_life=1000.0))
    assert found[4] == pytest.approx(rate[4], rel=0.5)
