"""The demand model learns from the log and the price history, and deciders read what it learnt."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from events.models import DailyActivity
from pricing.algorithms.decisions import RuleTerms, Situation
from pricing.models import DemandEstimate, DemandFit, PriceHistory
from pricing.selectors.demand import load_learnt
from pricing.services.deciders import load_deciders
from pricing.services.fitting import fit_demand
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db
END = datetime(2026, 3, 10, tzinfo=UTC)
DAYS = 84
TERMS = RuleTerms(1, "model", 1, "model")


def sell(product, elasticity, rng, views=40.0, rate=0.1, *, told=True):
    """Twelve weeks of prices that change weekly, and what viewers did at them."""
    (variant,) = product.variants.all()
    for week in range(DAYS // 7):
        ratio = rng.choice([0.7, 0.85, 1.0, 1.1])
        begin = END - timedelta(days=DAYS - 7 * week)
        PriceHistory.objects.create(
            variant=variant, period=(begin, begin + timedelta(days=7)), basis="imported",
            amount=round(variant.list_price * Decimal(str(ratio)), 2), cause="imported",
            currency="USD", list_price=variant.list_price,
        )  # fmt: skip
        for day in range(7):
            seen = rng.poisson(views)
            bought = rng.poisson(seen * rate * ratio**elasticity)
            for kind, count in (("view", seen if told else 0), ("purchase", bought)):
                if count:
                    DailyActivity.objects.create(
                        product=product, day=(begin + timedelta(days=day)).date(), type=kind,
                        events=count, shoppers=count, units=count, revenue=0,
                    )  # fmt: skip


@pytest.fixture
def shop():
    rng = np.random.default_rng(4)
    products = {}
    for name, elasticity in (("Flat", -1.2), ("Steep", -3.5)):
        for number in range(4):
            product = make_product(
                f"{name}-{number}", category=(name,), list_price=Decimal(20), cost=Decimal(10),
                created_at=END - timedelta(days=300),
            )  # fmt: skip
            sell(product, elasticity, rng)
            products[product.public_id] = product
    return products


def estimate(product):
    return DemandEstimate.objects.get(product=product)


def situation(product, **fields):
    (variant,) = product.variants.all()
    return Situation(
        variant.pk, product.pk, product.category_id, None, variant.list_price, variant.list_price,
        variant.cost, variant.stock, "USD", **fields,
    )  # fmt: skip


def test_elasticities_and_rates_are_found(shop):
    fit = fit_demand(END, days=DAYS)
    assert estimate(shop["Flat-0"]).elasticity == pytest.approx(-1.2, abs=0.4)
    assert estimate(shop["Steep-0"]).elasticity == pytest.approx(-3.5, abs=0.5)
    assert estimate(shop["Steep-1"]).rate == pytest.approx(4.0, rel=0.25)
    assert not estimate(shop["Steep-0"]).is_borrowed
    assert fit.products == 8
    assert -3.5 < fit.elasticity < -1.2


def test_a_shop_that_tells_no_views_is_learnt_from_as_well():
    rng = np.random.default_rng(4)
    product = make_product(
        category=("Steep",), list_price=Decimal(20), created_at=END - timedelta(days=300)
    )
    sell(product, -3.5, rng, told=False)
    fit_demand(END, days=DAYS)
    assert estimate(product).elasticity == pytest.approx(-3.5, abs=0.8)
    assert estimate(product).rate == pytest.approx(4.0, rel=0.3)


def test_deciders_read_the_latest_fit(shop):
    new = make_product(category=("Steep",), list_price=Decimal(20), cost=Decimal(10))
    assert load_learnt(END) is None
    fit_demand(END, days=DAYS)
    newer = make_product(category=("Steep",), list_price=Decimal(20), cost=Decimal(10))
    model = load_deciders(END)["model"]
    steep, flat, thin, unknown = model.decide(
        [situation(one) for one in (shop["Steep-0"], shop["Flat-0"], new, newer)], TERMS
    )
    assert steep.price < 20 < flat.price
    assert thin.price < 20
    assert "borrowed" in thin.reasons[1]
    assert "borrowed" in unknown.reasons[1]


def test_without_a_fit_the_model_leaves_prices_alone(shop):
    deciders = load_deciders(END)
    assert deciders["model"].decide([situation(shop["Flat-0"])], TERMS) == [None]
    step = {"when": [], "change": "0.1"}
    rules = RuleTerms(1, "rules", 1, "rules", (step,))
    assert deciders["rules"].decide([situation(shop["Flat-0"])], rules)[0].price == 22


def test_a_fit_is_as_of_a_time_and_only_the_last_are_kept(shop):
    for day in range(5):
        fit_demand(END + timedelta(days=day), days=DAYS)
    assert DemandFit.objects.count() == 3
    assert load_learnt(END + timedelta(days=3)).fit_id == DemandFit.objects.order_by("as_of")[1].pk
    assert DemandEstimate.objects.values("fit").distinct().count() == 3


def test_an_empty_shop_is_fitted_with_what_is_ordinary():
    fit = fit_demand(END)
    assert fit.elasticity == pytest.approx(-2.6)
    assert load_learnt(END).products == {}
