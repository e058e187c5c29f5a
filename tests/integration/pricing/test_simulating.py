"""A replay: the rules in force give what happened, another what would have; nothing changes."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from pricing.models import DemandFit, DemandSignal, PriceHistory, PriceProposal
from pricing.services.deciding import decide_prices
from pricing.services.signals import slot_of
from pricing.services.simulating import simulate_prices
from tests.factories.catalogue import make_product
from tests.factories.pricing import make_rule, set_price

pytestmark = pytest.mark.django_db

STEPS = [
    {"when": [{"signal": "demand_ratio", "op": ">", "value": 1.5}], "change": "0.08"},
    {"when": [{"signal": "demand_ratio", "op": "<", "value": 0.5}], "change": "-0.2"},
]


def bounds(**fields):
    return {
        "steps": STEPS, "max_change_interval": Decimal("0.1"), "max_change_day": Decimal("0.15"),
        "min_list_ratio": Decimal("0.8"), "margin_floor": Decimal("0.1"), "ending": "9",
    } | fields  # fmt: skip


def signal(product, slot, ratio):
    DemandSignal.objects.create(product=product, slot=slot, demand_ratio=ratio)


@pytest.fixture
def shop():
    return [
        make_product(f"p{n}", list_price=Decimal(20 + 7 * n), cost=Decimal(10 + 6 * n))
        for n in range(4)
    ]


def play(shop, ratios):
    """Rounds whose slots lie half an hour apart, the last one now; real ones, one after another."""
    last = slot_of(timezone.now())
    for number, row in enumerate(ratios):
        slot = last - timedelta(minutes=30) * (len(ratios) - 1 - number)
        for product, ratio in zip(shop, row, strict=True):
            signal(product, slot, ratio)
        decide_prices(slot)


def decided():
    rows = PriceHistory.objects.filter(basis__in=["rules", "model"]).order_by("id")
    return [(row.variant_id, row.amount) for row in rows]


def test_the_rules_in_force_replayed_give_what_happened(shop):
    make_rule(**bounds())
    play(shop, [[2, 0.1, 1, 2], [2, 0.1, 2, 0.1], [0.1, 0.1, 2, 1], [2, 2, 2, 2]])
    set_price(shop[3].variants.get(), Decimal(41))
    happened = decided()
    assert len(happened) >= 6
    found = simulate_prices(1, timezone.now())
    assert sorted((step.variant_id, step.price) for step in found.changes) == sorted(happened)
    for variant in {variant for variant, _ in happened}:
        assert [p for v, p in happened if v == variant] == [
            step.price for step in found.changes if step.variant_id == variant
        ]
    for what in ("units", "revenue", "margin"):
        assert found.outcomes["difference"][what].value == pytest.approx(0, abs=1e-3)
    clamps = [clamp["guardrail"] for p in PriceProposal.objects.all() for clamp in p.clamps]
    assert set(clamps) <= set(found.clamps) | set(found.held)


def test_a_proposed_rule_is_tried_and_nothing_changes(shop, tmp_path, capsys):
    rule = make_rule(**bounds())
    play(shop, [[2, 0.1, 1, 2], [2, 0.1, 2, 1]])
    before = [list(model.objects.order_by("pk").values())
              for model in (PriceHistory, PriceProposal, DemandSignal, DemandFit)]  # fmt: skip
    file, out, plot = (tmp_path / name for name in ("bold.json", "out.json", "out.svg"))
    file.write_text(json.dumps({"steps": [{"when": [], "change": "0.5"}], "approval": "person",
                                "max_change_day": "0.3", "max_list_ratio": "1.25"}))  # fmt: skip
    call_command(
        "simulate_prices", "--days", "2", "--rule", str(file), "--json", str(out),
        "--plot", str(plot),
    )  # fmt: skip
    document = json.loads(out.read_text())
    assert document["clamps"]["largest_change"] > 0
    assert document["needs_person"] == len(document["changes"]) > 0
    listed = {one.variants.get().pk: one.variants.get().list_price for one in shop}
    prices = [(listed[step["variant"]], Decimal(step["price"])) for step in document["changes"]]
    assert all(price <= listed_at * Decimal("1.25") for listed_at, price in prices)
    margin = document["outcomes"]["simulated"]["margin"]
    assert margin["low"] <= margin["value"] <= margin["high"]
    assert plot.read_text().startswith("<svg")
    assert "expected margin" in capsys.readouterr().out
    after = [list(model.objects.order_by("pk").values())
             for model in (PriceHistory, PriceProposal, DemandSignal, DemandFit)]  # fmt: skip
    assert after == before
    assert rule.pk


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", "is not JSON"),
        ("[]", "give a JSON object"),
        ('{"colour": 1}', "colour: there is no such field"),
        ('{"retired_at": null}', "retired_at: there is no such field"),
        ('{"scope": "category", "category": "none"}', "category: there is no category"),
        ('{"steps": [{"change": "2"}]}', "steps/0/change: "),
        ('{"steps": {}}', "steps: give a list"),
        ('{"max_change_day": "7"}', "max_change_day: Give a fraction"),
        ('{"scope": "product"}', "product: The scope product needs one"),
        ('{"decider": "campaign"}', "decider: give rules or model"),
        ('{"margin_floor": "much"}', "margin_floor: 'much' is no number"),
    ],
)
def test_a_bad_rule_is_one_clear_line(tmp_path, content, message):
    file = tmp_path / "rule.json"
    file.write_text(content)
    with pytest.raises(CommandError, match=message) as caught:
        call_command("simulate_prices", "--days", "1", "--rule", str(file))
    assert "\n" not in str(caught.value)


def test_days_are_checked():
    with pytest.raises(CommandError, match="--days 0"):
        call_command("simulate_prices", "--days", "0")
