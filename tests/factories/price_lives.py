"""What may befall the price of one variant, as steps that hypothesis draws, and who does them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import strategies as st

from api.rest.currencies import unit_of
from catalogue.models import Offer, Variant
from pricing.algorithms.decisions import Proposed
from pricing.algorithms.guardrails import apply_guardrails
from pricing.models import (
    DemandSignal,
    PriceFreeze,
    PriceHistory,
    PriceProposal,
    PricingRule,
    PricingSwitch,
)
from pricing.selectors.standings import load_standings
from pricing.services import deciding
from pricing.services.campaigning import run_campaigns
from pricing.services.publishing import Change, publish_prices
from pricing.services.reviewing import approve_proposals, reject_proposals
from pricing.services.setting import Asked, set_prices
from pricing.services.switching import return_to_list
from tests.factories.catalogue import make_product
from tests.factories.pricing import Clock

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)

factors = st.decimals("0.3", "2.5", places=2)
fractions = st.sampled_from([None, Decimal("0.05"), Decimal("0.2")])
rules = st.fixed_dictionaries(
    {
        "max_change_interval": fractions,
        "max_change_day": fractions,
        "min_list_ratio": st.sampled_from([None, Decimal("0.5"), Decimal("0.9")]),
        "max_list_ratio": st.sampled_from([None, Decimal(1), Decimal("1.5")]),
        "margin_floor": st.sampled_from([Decimal(0), Decimal("0.3")]),
        "ending": st.sampled_from(["", "9", "95"]),
        "approval": st.sampled_from(["automatic", "automatic", "person", "threshold"]),
        "approval_threshold": st.sampled_from([Decimal(0), Decimal("0.1")]),
        "proposal_minutes": st.sampled_from([30, 1440]),
        "cool_down_minutes": st.sampled_from([0, 0, 60]),
    }
)
minutes = st.sampled_from([10, 45, 800, 2000, 40_000])
campaigns = st.fixed_dictionaries(
    {
        "campaign_list_ratio": factors,
        "priority": st.integers(0, 2),
        "begins": st.sampled_from([-10, 0, 30]),
        "lasts": st.none() | minutes,
        "min_list_ratio": st.sampled_from([None, Decimal("0.7")]),
        "margin_floor": st.sampled_from([Decimal(0), Decimal("0.1")]),
    }
)
steps = st.one_of(
    st.tuples(st.just("want"), factors),
    st.tuples(st.just("want"), factors),
    st.tuples(st.just("raw"), factors),
    st.tuples(st.just("wait"), minutes),
    st.tuples(st.just("wait"), minutes),
    st.tuples(st.just("round"), st.none() | factors),
    st.tuples(st.just("round"), factors),
    st.tuples(st.just("person"), factors),
    st.tuples(st.just("review"), st.booleans()),
    st.tuples(st.just("campaign"), campaigns),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("freeze"), st.none() | minutes),
    st.tuples(st.just("unfreeze"), st.none()),
    st.tuples(st.just("cost"), st.none() | factors),
    st.tuples(st.just("list_price"), factors),
    st.tuples(st.just("rule"), rules),
    st.tuples(st.just("switch"), st.booleans()),
    st.tuples(st.just("withdraw"), st.none()),
    st.tuples(st.just("offer"), st.none()),
)
histories = st.tuples(
    st.sampled_from(["USD", "JPY", "BHD"]), rules, st.lists(steps, min_size=1, max_size=12)
)


class Follows:
    """Wants so many hundreds as there were views; where none are known, leaves the price alone."""

    def decide(self, situations, _terms):
        return [self._wish(situation) for situation in situations]

    def _wish(self, situation):
        views = situation.signals["views_per_hour"]
        if views is None:
            return None
        price = (100 * Decimal(str(views))).quantize(unit_of(situation.currency))
        return None if price == situation.price else Proposed(price, ("as many as looked",))


class Shop:
    """One variant, a rule that governs it, and a clock."""

    def __init__(self, currency, rule):
        self.clock = Clock(BEGIN)
        self.currency = currency
        product = make_product(list_price=100, cost=40, currency=currency)
        self.variant = product.variants.get()
        self.rule = self._make(rule)

    def _make(self, fields):
        PricingRule.objects.current().filter(name="rule").update(retired_at=timezone.now())
        version = PricingRule.objects.filter(name="rule").count() + 1
        return PricingRule.objects.create(
            name="rule", version=version, currency=self.currency, **fields
        )

    def money(self, factor):
        return (100 * factor).quantize(unit_of(self.currency))

    def do(self, what, value):
        self.clock.pass_by(seconds=1)
        with patch("django.utils.timezone.now", lambda: self.clock.moment):
            getattr(self, what)(value)
            self.keep()
        with connection.cursor() as cursor:  # as a commit would
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def want(self, factor):
        """As the pipeline does: whatever the guardrails make of it must be taken, or be held."""
        now = self.clock.moment
        standing = load_standings([self.variant.pk], [self.rule.pk], now).get(self.variant.pk)
        if standing is None:
            return
        guarded = apply_guardrails(self.money(factor), self.rule.guardrails, standing)
        if guarded.price == standing.price or guarded.needs_person:
            return
        [published] = publish_prices(
            [Change(self.variant.pk, guarded.price, "rules", "proposal", self.rule.pk)]
        )
        held = self.is_killed() or self.is_frozen() or guarded.is_floor
        assert published.outcome == "applied" or held, published

    def keep(self):
        """What the clock does every few seconds; afterwards the price stands on its campaign."""
        run_campaigns()
        offered = PriceHistory.objects.in_force().first()
        if offered is None or self.is_killed():
            return
        live = PricingRule.objects.active_at(self.clock.moment).filter(decider="campaign")
        won = max(live, key=lambda one: (one.priority, one.active_from, one.pk), default=None)
        if won is None:
            assert offered.basis != "campaign"
        elif not self.is_frozen():
            assert (offered.basis, offered.rule_id) == ("campaign", won.pk)

    def is_killed(self):
        return PricingSwitch.objects.filter(is_engaged=True).exists()

    def is_frozen(self):
        going_on = Q(until=None) | Q(until__gt=self.clock.moment)
        return PriceFreeze.objects.filter(going_on, lifted_at=None).exists()

    def round(self, factor):
        """A round that looks at what changed leaves nothing for one that looks at everything."""
        DemandSignal.objects.update_or_create(
            product=self.variant.product, slot=deciding.slot_of(self.clock.moment),
            defaults={"views_per_hour": factor and float(factor)},
        )  # fmt: skip
        with patch.object(deciding, "load_deciders", lambda _: {"rules": Follows()}):
            deciding.decide_prices()
            after = deciding.decide_prices(everything=True)
        assert (after["settled"], after["applied"], after["pending"]) == (0, 0, 0)

    def person(self, factor):
        """What a person asks for is charged as it is, or nothing is."""
        asked = Asked(self.variant.sku, self.money(factor), self.currency)
        [told] = set_prices([asked], "ann", "a fair")
        if told.outcome in {"applied", "unchanged"}:
            assert Offer.objects.get().amount == asked.amount

    def review(self, agrees):
        pending = list(PriceProposal.objects.pending().values_list("pk", flat=True))
        decided = (approve_proposals if agrees else reject_proposals)(pending, "ann")
        for decision in decided:
            applied = PriceHistory.objects.filter(proposal=decision.proposal_id, approved_by="ann")
            assert applied.exists() == (decision.outcome == "applied")

    def campaign(self, fields):
        fields = dict(fields)
        begins = self.clock.moment + timedelta(minutes=fields.pop("begins"))
        lasts = fields.pop("lasts")
        until = None if lasts is None else begins + timedelta(minutes=lasts)
        PricingRule.objects.create(
            name=f"campaign {PricingRule.objects.count()}", currency=self.currency,
            decider="campaign", created_by="ann", active_from=begins, active_until=until, **fields,
        )  # fmt: skip

    def cancel(self, _):
        campaigns = PricingRule.objects.current().filter(decider="campaign")
        campaigns.update(retired_at=timezone.now())

    def freeze(self, lasts):
        if self.is_frozen():
            return
        PriceFreeze.objects.filter(lifted_at=None).update(lifted_at=timezone.now())
        until = None if lasts is None else self.clock.moment + timedelta(minutes=lasts)
        PriceFreeze.objects.create(
            product=self.variant.product, until=until, created_at=self.clock.moment
        )

    def unfreeze(self, _):
        PriceFreeze.objects.filter(lifted_at=None).update(lifted_at=timezone.now())

    def raw(self, factor):
        try:
            with transaction.atomic():
                PriceHistory.objects.create(
                    variant=self.variant, amount=self.money(factor), basis="rules",
                    cause="raw", rule=self.rule,
                )  # fmt: skip
        except IntegrityError:
            pass

    def wait(self, minutes):
        self.clock.pass_by(minutes=minutes)

    def cost(self, factor):
        cost = None if factor is None else self.money(factor) / 2
        Variant.objects.update(cost=cost)

    def list_price(self, factor):
        Variant.objects.update(list_price=self.money(factor))

    def switch(self, engaged):
        PricingSwitch.objects.update_or_create(category=None, defaults={"is_engaged": engaged})
        return_to_list()

    def rule_(self, fields):
        self.rule = self._make(fields)

    def withdraw(self, _):
        Offer.objects.all().delete()

    def offer(self, _):
        if not Offer.objects.exists():
            v = Variant.objects.get()
            Offer.objects.create(variant=v, amount=v.list_price, currency=v.currency)
