"""Price proposals: what a decider wants, what the guardrails made of it, and who agreed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalogue.models import Variant
from pricing.models.fields import money
from pricing.models.rules import PricingRule


class PriceProposalQuerySet(models.QuerySet["PriceProposal"]):
    """Vocabulary of proposals."""

    def pending(self) -> "PriceProposalQuerySet":
        """Those that wait for a person."""
        return self.filter(state=PriceProposal.State.PENDING)

    def stale_at(self, moment: datetime) -> "PriceProposalQuerySet":
        """Those that waited too long."""
        return self.pending().filter(expires_at__lte=moment)


class PriceProposal(models.Model):
    """A price for a variant, with its reasons, inputs, expected effect and clamp trail."""

    class State(models.TextChoices):
        """How a proposal stands."""

        PENDING = "pending"
        APPLIED = "applied"
        REJECTED = "rejected"
        EXPIRED = "expired"
        SUPERSEDED = "superseded"

    variant = models.ForeignKey(
        Variant, models.DO_NOTHING, db_constraint=False, related_name="proposals"
    )
    rule = models.ForeignKey(PricingRule, models.PROTECT, related_name="proposals")
    decider = models.CharField(max_length=8, choices=PricingRule.Decider)
    wanted_price = money(help_text="Before the guardrails.")
    price = money(help_text="After the guardrails.")
    currency = models.CharField(max_length=3)
    base_price = money(help_text="In force when this was decided.")
    base_version = models.BigIntegerField(help_text="The offer's price version then.")
    list_price = money()
    cost = money(null=True)
    reasons = models.JSONField(default=list)
    inputs = models.JSONField(default=dict)
    expected = models.JSONField(default=dict)
    clamps = models.JSONField(
        default=list, help_text="Guardrails that changed the price, in order."
    )
    is_floor = models.BooleanField(default=False)
    explores = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    slot = models.DateTimeField(help_text="As of when it was decided.")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")

    objects = PriceProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant"], condition=Q(state="pending"), name="proposal_one_pending"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="proposal_not_negative"),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="proposal_queue")]

    def __str__(self) -> str:
        return f"{self.base_price:f} to {self.price:f} {self.currency} ({self.state})"
