"""The history of prices: which price of a variant was in force, when, and why."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now

from catalogue.models import Variant
from pricing.models.fields import money
from pricing.models.proposals import PriceProposal
from pricing.models.rules import PricingRule


class Basis(models.TextChoices):
    """What a price stands on."""

    LIST = "list", "List price"
    FLOOR = "floor", "Floor over cost"
    RULES = "rules", "Rule engine"
    MODEL = "model", "Demand model"
    CAMPAIGN = "campaign", "Campaign"
    RESTORED = "restored", "Restored after a campaign"
    PERSON = "person", "Set by a person"
    IMPORTED = "imported", "Recorded elsewhere"


class PriceHistoryQuerySet(models.QuerySet["PriceHistory"]):
    """Vocabulary of the history."""

    def in_force(self) -> "PriceHistoryQuerySet":
        """The open rows: one for each variant that is sold."""
        return self.filter(period__upper_inf=True)


class PriceHistory(models.Model):
    """A price and the period in which it was in force. Append-only: only an open row is closed.

    Inserting a row is the one way to change a price: a trigger checks it, closes the row before it
    and writes the offer. The variant has no constraint, because history outlives it.
    """

    variant = models.ForeignKey(
        Variant, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="prices"
    )
    sku = models.CharField(max_length=128, help_text="The variant's, kept when it is gone.")
    period = DateTimeRangeField()
    amount = money()
    currency = models.CharField(max_length=3)
    list_price = money(help_text="At the beginning.")
    cost = money(null=True, help_text="At the beginning.")
    floor = money(null=True, help_text="Cost and margin floor at the beginning.")
    basis = models.CharField(max_length=8, choices=Basis)
    cause = models.CharField(max_length=20, help_text="What set it off, such as initial.")
    rule = models.ForeignKey(PricingRule, models.PROTECT, null=True, related_name="prices")
    proposal = models.OneToOneField(PriceProposal, models.PROTECT, null=True, related_name="change")
    prior_price = money(
        null=True, help_text="Lowest of the 30 days before the reduction began; empty: none."
    )
    reduced_since = models.DateTimeField(null=True)
    discount = models.IntegerField(
        null=True, help_text="Per cent off the prior price that may be claimed; empty: none."
    )
    decided_by = models.CharField(max_length=150, blank=True, default="")
    approved_by = models.CharField(max_length=150, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    price_version = models.BigIntegerField(default=0, help_text="The offer's, from here on.")
    recorded_at = models.DateTimeField(db_default=Now())

    objects = PriceHistoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "price history"
        constraints = [
            # Needs no btree_gist: each variant is a range of one number.
            ExclusionConstraint(
                name="price_periods_apart",
                expressions=[
                    (
                        Func(F("variant"), F("variant"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (F("period"), RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(
                fields=["variant"], condition=Q(period__upper_inf=True), name="price_one_in_force"
            ),
            # The upper bound keeps out NaN, which PostgreSQL takes for the greatest number.
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lt=10**10), name="price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False, period__lower_inf=False)
                & Q(period__lower_inc=True, period__upper_inc=False),
                name="price_period_whole",
            ),
            models.CheckConstraint(
                condition=Q(basis__in=["list", "floor", "imported"]) | Q(rule__isnull=False),
                name="price_cites_a_rule",
            ),
            models.CheckConstraint(
                condition=~Q(basis="person") | (~Q(approved_by="") & ~Q(reason="")),
                name="price_names_its_person",
            ),
            models.CheckConstraint(
                condition=~Q(basis="list") | Q(amount=F("list_price")), name="price_is_list_price"
            ),
            models.CheckConstraint(
                condition=Q(floor=None) | Q(basis="imported") | Q(amount__gte=F("floor")),
                name="price_over_floor",
            ),
            models.CheckConstraint(
                condition=~Q(basis="floor") | Q(amount=F("floor"), floor__isnull=False),
                name="price_is_floor",
            ),
            models.CheckConstraint(
                condition=Q(discount=None)
                | Q(
                    discount__gt=0,
                    prior_price__gt=0,
                    prior_price__gte=F("amount") + F("prior_price") * F("discount") / 100,
                ),
                name="discount_from_prior_price",
            ),
        ]
        indexes = [
            models.Index(
                F("variant"), Func(F("period"), function="lower").desc(), name="price_by_variant"
            ),
            # What the kill switch returns and what campaigns end, without a scan of all.
            models.Index(
                fields=["variant"],
                name="price_moved",
                condition=Q(period__upper_inf=True) & ~Q(basis="list"),
            ),
            models.Index(
                fields=["variant"],
                name="price_in_campaign",
                condition=Q(period__upper_inf=True, basis="campaign"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.amount:f} {self.currency} ({self.basis})"
