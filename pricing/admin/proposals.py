"""The queue of proposals: approve and reject many at once, with a reason."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from pricing.admin.base import ReadOnlyAdmin, actor_of
from pricing.models import PriceProposal
from pricing.services.reviewing import Decision, approve_proposals, reject_proposals

Decide = Callable[[Sequence[int], str, str], list[Decision]]


class ReasonForm(ActionForm):
    """Why, beside the action."""

    reason = forms.CharField(required=False, max_length=500, label="Reason")


@admin.register(PriceProposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Proposals; those that wait come first in view."""

    list_display = [
        "product", "sku", "base_price", "price", "moves_by", "currency", "why", "guardrails",
        "rule", "state", "expires_at",
    ]  # fmt: skip
    list_filter = ["state", "decider", "rule__name"]
    list_select_related = ["variant__product", "rule"]
    search_fields = ["variant__sku", "variant__product__public_id"]
    actions = ["approve", "reject"]
    action_form = ReasonForm
    list_per_page = 100

    @admin.display(description="product")
    def product(self, proposal: PriceProposal) -> str:
        """Whose price."""
        return proposal.variant.product.title

    @admin.display(description="sku")
    def sku(self, proposal: PriceProposal) -> str:
        """Of which variant."""
        return proposal.variant.sku

    @admin.display(description="change")
    def moves_by(self, proposal: PriceProposal) -> str:
        """Against the price that it was decided on."""
        if not proposal.base_price:
            return "-"
        return f"{(proposal.price - proposal.base_price) / proposal.base_price:+.1%}"

    @admin.display(description="why")
    def why(self, proposal: PriceProposal) -> str:
        """The decider's reasons."""
        return "; ".join(proposal.reasons)

    @admin.display(description="guardrails")
    def guardrails(self, proposal: PriceProposal) -> str:
        """Which changed the price, in order."""
        return ", ".join(clamp["guardrail"].replace("_", " ") for clamp in proposal.clamps) or "-"

    @admin.action(description="Approve", permissions=["decide"])
    def approve(self, request: HttpRequest, proposals: QuerySet[PriceProposal]) -> None:
        """Publish those that are chosen."""
        self._decide(request, proposals, approve_proposals)

    @admin.action(description="Reject", permissions=["decide"])
    def reject(self, request: HttpRequest, proposals: QuerySet[PriceProposal]) -> None:
        """Turn down those that are chosen."""
        self._decide(request, proposals, reject_proposals)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may change proposals may decide on them."""
        return bool(request.user.has_perm("pricing.change_priceproposal"))

    def _decide(self, request: HttpRequest, proposals: QuerySet[Any], decide: Decide) -> None:
        reason = request.POST.get("reason", "")[:500]
        ids = list(proposals.values_list("pk", flat=True))
        decisions = decide(ids, actor_of(request), reason)
        told = Counter(decision.outcome.replace("_", " ") for decision in decisions)
        text = ", ".join(f"{number} {outcome}" for outcome, number in told.items())
        good = set(told) <= {"applied", "rejected"}
        self.message_user(request, text, messages.SUCCESS if good else messages.WARNING)
