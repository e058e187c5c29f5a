"""A round looks at what changed since the last one, and at what wants to move."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalogue.models import Offer, Product, Variant
from pricing.algorithms.decisions import Proposed
from pricing.models import DemandSignal, DueProduct, PriceFreeze, PricingRule
from pricing.services import deciding
from pricing.services.campaigning import run_campaigns
from pricing.services.reviewing import reject_proposals
from pricing.services.switching import kill_prices, resume_prices
from tests.factories.catalogue import make_category, make_product
from tests.factories.pricing import make_rule, set_price

pytestmark = pytest.mark.django_db

SLOT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
WANTED: dict[str, Decimal] = {}


class Wanting:
    """Wants for each product what `WANTED` says, and leaves the others alone."""

    def __init__(self):
        self.seen = []

    def decide(self, situations, _terms):
        names = dict(Product.objects.values_list("pk", "public_id"))
        asked = [names[situation.product_id] for situation in situations]
        self.seen += asked
        return [Proposed(WANTED[name], ()) if name in WANTED else None for name in asked]


@pytest.fixture(autouse=True)
def shop():
    WANTED.clear()
    for name in ("cup", "mug", "pot"):
        make_product(name, list_price=Decimal(100), cost=Decimal(50))


@pytest.fixture
def look(monkeypatch):
    """Run a round as of some slots after the first, and tell whom it asked the decider about."""

    def run(slots=0, **options):
        decider = Wanting()
        monkeypatch.setattr(
            deciding, "load_deciders", lambda _: {"rules": decider, "model": decider}
        )
        report = deciding.decide_prices(SLOT + slots * HALF_HOUR, **options)
        assert report["considered"] == len(decider.seen)
        return sorted(decider.seen)

    return run


ALL = ["cup", "mug", "pot"]


def product(name="mug"):
    return Product.objects.get(public_id=name)


def variant(name="mug"):
    return Variant.objects.get(product__public_id=name)


def add_signal(slots):
    DemandSignal.objects.create(product=product(), slot=SLOT + slots * HALF_HOUR, views_per_hour=5)


def change_variant(**fields):
    Variant.objects.filter(product__public_id="mug").update(**fields)


def test_it_looks_at_all_once_and_then_at_nothing(look):
    make_rule()
    assert look() == ALL
    assert look() == []
    assert look(1) == []
    assert look(1, everything=True) == ALL
    assert not DueProduct.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda: add_signal(1),
        lambda: change_variant(stock=3),
        lambda: change_variant(list_price=90),
        lambda: change_variant(cost=60),
        lambda: change_variant(cost=None),
        lambda: set_price(variant(), 95, basis="rules", rule=PricingRule.objects.get()),
        lambda: Product.objects.filter(public_id="mug").update(category=make_category("Cups")),
    ],
    ids=["signal", "stock", "list price", "cost", "no cost", "price", "category"],
)
def test_a_change_of_a_product_is_looked_at_once(look, change):
    make_rule()
    make_category("Cups")
    look()
    change()
    assert look(1) == ["mug"]
    assert look(1) == []


def test_what_changes_nothing_for_a_price_is_not_looked_at(look):
    make_rule()
    look()
    change_variant(position=7, stock=None, list_price=100)
    Product.objects.update(popularity=3, title="Another")
    assert look(1) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: make_rule(scope="product", product=product()),
        lambda: PricingRule.objects.filter(name="other").update(retired_at=timezone.now()),
        lambda: make_category("Cups"),
        lambda: make_rule(active_from=timezone.now() - HALF_HOUR),
    ],
    ids=["a rule", "none", "a category", "a rule that begins"],
)
def test_a_change_for_all_is_looked_at_everywhere(look, change):
    make_rule()
    make_rule(name="other", scope="product", product=product("cup"))
    look()
    change()
    assert look(1) == ALL
    assert look(1) == []


def test_a_day_or_an_earlier_slot_looks_at_all(look):
    make_rule()
    look()
    assert look(47) == ALL
    assert look(47) == []
    assert look(46) == ALL


def test_what_is_wanted_stays_due_until_it_is_there(look):
    rule = make_rule(max_change_day=Decimal("0.1"))
    WANTED["mug"] = Decimal(120)
    assert look() == ALL
    assert Offer.objects.get(variant=variant()).amount == 110
    # The day's largest change holds it, which time will let pass.
    assert [look(1), look(2)] == [["mug"], ["mug"]]
    PricingRule.objects.filter(pk=rule.pk).update(retired_at=timezone.now())
    make_rule(max_price=110)
    assert look(2) == ALL
    # No time will let it pass a maximum.
    assert look(3) == []


def test_a_proposal_that_waits_for_a_person_is_looked_at_until_decided_on(look):
    make_rule(approval="person")
    WANTED["mug"] = Decimal(120)
    look()
    assert look(1) == ["mug"]
    del WANTED["mug"]
    assert look(2) == ["mug"]
    assert look(3) == []
    WANTED["mug"] = Decimal(110)
    change_variant(stock=1)
    look(3)
    [pending] = [p.pk for p in variant().proposals.all() if p.price == 110]
    reject_proposals([pending], "ann")
    assert look(4) == ["mug"]


def test_a_frozen_product_is_looked_at_once_it_may_move(look):
    make_rule()
    freeze = PriceFreeze.objects.create(product=product())
    assert look() == ["cup", "pot"]
    assert look(1) == []
    freeze.until = timezone.now() - HALF_HOUR
    freeze.save()
    assert [look(1), look(1)] == [["mug"], []]


def test_after_the_kill_switch_all_are_looked_at(look):
    make_rule()
    look()
    kill_prices("ann")
    assert look(1) == []
    resume_prices("ann")
    assert [look(1), look(1)] == [ALL, []]


def test_after_a_campaign_its_products_are_looked_at(look):
    make_rule()
    look()
    campaign = make_rule(
        name="sale", decider="campaign", scope="product", product=product(), campaign_price=80,
        active_from=timezone.now() - HALF_HOUR, created_by="ann",
    )  # fmt: skip
    assert run_campaigns()["begun"] == 1
    assert look(1) == []
    PricingRule.objects.filter(pk=campaign.pk).update(retired_at=timezone.now())
    assert run_campaigns()["ended"] == 1
    assert [look(1), look(1)] == [["mug"], []]


def test_a_product_that_is_published_is_looked_at(look):
    make_rule()
    Product.objects.filter(public_id="mug").update(published=False)
    assert look() == ["cup", "pot"]
    Product.objects.update(published=True)
    assert [look(1), look(1)] == [["mug"], []]
    make_product("jug", list_price=100, cost=1)
    assert look(1) == ["jug"]


def test_signals_that_come_into_sight_or_grow_too_old_are_looked_at(look):
    make_rule()
    add_signal(3)
    look(2)
    look(2)
    assert [look(3), look(4)] == [["mug"], []]
    # Its next slots are the day after, of which the first look is at all.
    later = 24 * 2
    assert look(later) == ALL
    assert look(3 + 49) == []
    assert look(3 + 50) == ["mug"]


def test_whoever_explores_is_asked_each_time(look):
    make_rule(decider="model", may_explore=True)
    assert [look(), look(1)] == [ALL, ALL]


def test_a_round_that_dies_has_forgotten_nothing(look, monkeypatch):
    make_rule()
    look()
    change_variant(stock=3)

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deciding, "propose_prices", die)
        with pytest.raises(KeyboardInterrupt):
            look(1)
    assert [look(1), look(1)] == [["mug"], []]


def test_without_a_rule_nothing_is_noted():
    change_variant(stock=3, list_price=90)
    assert not DueProduct.objects.exists()
