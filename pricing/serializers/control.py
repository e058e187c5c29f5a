"""The wire shape of proposals, decisions, rules, freezes and the kill switch."""

from typing import Any

from rest_framework import serializers

from api.rest.money import MoneySerializer, render_money
from api.rest.serializers import StrictSerializer
from pricing.models import PriceProposal, PricingRule

MOST_DECISIONS = 500
REASON = {"max_length": 500, "required": False, "default": "", "allow_blank": True}


class ProposalSerializer(serializers.Serializer[PriceProposal]):
    """A price that a decider wants, with its reasons and what the guardrails made of it."""

    id = serializers.IntegerField()
    product_id = serializers.CharField()
    sku = serializers.CharField()
    state = serializers.ChoiceField(PriceProposal.State.choices)
    rule = serializers.CharField()
    decider = serializers.ChoiceField(PricingRule.Decider.choices)
    base_price = MoneySerializer()
    wanted_price = MoneySerializer()
    price = MoneySerializer()
    list_price = MoneySerializer()
    cost = MoneySerializer(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    inputs = serializers.DictField()
    expected = serializers.DictField()
    clamps = serializers.ListField(child=serializers.DictField())
    explores = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()
    note = serializers.CharField()


def render_proposal(proposal: PriceProposal) -> dict[str, Any]:
    """The wire form of a proposal whose variant and rule are loaded."""
    amounts = {
        name: render_money(getattr(proposal, name), proposal.currency)
        for name in ("base_price", "wanted_price", "price", "list_price")
    }
    same = {
        name: getattr(proposal, name)
        for name in (
            "id", "state", "decider", "reasons", "inputs", "expected", "clamps", "explores",
            "created_at", "expires_at", "decided_at", "decided_by", "note",
        )
    }  # fmt: skip
    cost = proposal.cost
    return (
        same
        | amounts
        | {
            "product_id": proposal.variant.product.public_id,
            "sku": proposal.variant.sku,
            "rule": str(proposal.rule),
            "cost": None if cost is None else render_money(cost, proposal.currency),
        }
    )


class DecisionsRequestSerializer(StrictSerializer[Any]):
    """Proposals to approve and to reject, and why."""

    approve = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MOST_DECISIONS, default=list,
    )  # fmt: skip
    reject = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MOST_DECISIONS, default=list,
    )  # fmt: skip
    reason = serializers.CharField(**REASON)  # type: ignore[arg-type]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a proposal that is both approved and rejected."""
        if set(attrs["approve"]) & set(attrs["reject"]):
            raise serializers.ValidationError({"reject": "A proposal can't be in both lists."})
        return attrs


class DecisionSerializer(serializers.Serializer[Any]):
    """What became of a proposal."""

    proposal_id = serializers.IntegerField()
    outcome = serializers.ChoiceField(
        ["applied", "rejected", "stale", "refused", "busy", "not_pending", "unknown"]
    )
    detail = serializers.CharField()


class DecisionListSerializer(serializers.Serializer[Any]):
    """One decision for each proposal, in order."""

    decisions = DecisionSerializer(many=True)


class SwitchRequestSerializer(StrictSerializer[Any]):
    """Which switch, and how it is to stand."""

    engaged = serializers.BooleanField()
    category = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=900,
        help_text="Id such as phones/cases; null: all prices.",
    )  # fmt: skip
    reason = serializers.CharField(**REASON)  # type: ignore[arg-type]


class SwitchSerializer(serializers.Serializer[Any]):
    """A kill switch."""

    engaged = serializers.BooleanField()
    category = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField()
    reason = serializers.CharField()


class KillSwitchListSerializer(serializers.Serializer[Any]):
    """Every kill switch that was ever touched."""

    switches = SwitchSerializer(many=True)


class FreezeRequestSerializer(StrictSerializer[Any]):
    """Whether a product's prices are frozen, and until when."""

    frozen = serializers.BooleanField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(**REASON)  # type: ignore[arg-type]


class FreezeSerializer(serializers.Serializer[Any]):
    """Whether a product's prices are frozen."""

    product_id = serializers.CharField()
    frozen = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    frozen_by = serializers.CharField()
