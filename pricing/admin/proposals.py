"""The queue of proposals: approve and reject many at once, with a reason."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime

from api.rest.money import render_money
from pricing.admin.base import ReadOnlyAdmin, actor_of, reason_of
from pricing.models import PriceProposal
from pricing.services.reviewing import Decision, approve_proposals, reject_proposals

Decide = Callable[[Sequence[int], str, str], list[Decision]]


class ReasonForm(ActionForm):
    """Why, beside the action."""

    reason = forms.CharField(required=False, max_length=500, label="Reason")


@admin.register(PriceProposal)
class ProposalAdmin(ReadOnlyAdmin):
    """Proposals; those that wait come first in view."""

    list_display = ["product", "moves", "why", "standing"]
    list_display_links = ["moves"]
    list_filter = ["state", "decider", "rule__name"]
    list_select_related = ["variant__product", "rule"]
    search_fields = ["variant__sku", "variant__product__public_id"]
    actions = ["approve", "reject"]
    action_form = ReasonForm
    list_per_page = 100

    @admin.display(description="product", ordering="variant__sku")
    def product(self, proposal: PriceProposal) -> str:
        """Whose price, the variant below, with the way to its timeline."""
        variant = proposal.variant
        url = reverse("admin:pricing_timeline", args=[variant.pk])
        return format_html('{}<br><a href="{}">{}</a>', variant.product.title, url, variant.sku)

    @admin.display(description="price", ordering="price")
    def moves(self, proposal: PriceProposal) -> str:
        """From the price that it was decided on to the new one, and by how much."""
        before, after = (
            render_money(amount, proposal.currency)["amount"]
            for amount in (proposal.base_price, proposal.price)
        )
        share = (proposal.price / proposal.base_price - 1) if proposal.base_price else None
        return format_html(
            '<span style="white-space: nowrap">{} &rarr; {} {}</span><br>{}',
            before, after, proposal.currency, "" if share is None else f"{share:+.1%}",
        )  # fmt: skip

    @admin.display(description="why", ordering="rule")
    def why(self, proposal: PriceProposal) -> str:
        """The decider's reasons; below, its rule, and the guardrails that changed the price."""
        clamps = ", ".join(clamp["guardrail"].replace("_", " ") for clamp in proposal.clamps)
        return format_html(
            "{}<br><small>{}{}</small>", "; ".join(proposal.reasons), proposal.rule,
            f". Guardrails: {clamps}" if clamps else "",
        )  # fmt: skip

    @admin.display(description="state", ordering="state")
    def standing(self, proposal: PriceProposal) -> str:
        """How it stands, and until or since when."""
        waits = proposal.state == PriceProposal.State.PENDING
        moment = proposal.expires_at if waits else proposal.decided_at
        shown = f"{localtime(moment):%d %b %H:%M}" if moment else ""
        return format_html(
            "{}<br><small>{}</small>", proposal.state, f"until {shown}" if waits else shown
        )

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
        ids = list(proposals.values_list("pk", flat=True))
        decisions = decide(ids, actor_of(request), reason_of(request))
        told = Counter(decision.outcome.replace("_", " ") for decision in decisions)
        text = ", ".join(f"{number} {outcome}" for outcome, number in told.items())
        good = set(told) <= {"applied", "rejected"}
        self.message_user(request, text, messages.SUCCESS if good else messages.WARNING)
