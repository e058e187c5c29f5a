"""Pricing rules, by version: who decides, for which products, between which guardrails."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalogue.models import Brand, Category, Product
from pricing.algorithms.conditions import StepError, check_steps
from pricing.algorithms.decisions import RuleTerms
from pricing.algorithms.guardrails import Guardrails
from pricing.algorithms.rule_sense import problems_of
from pricing.models.fields import fraction, money


def validate_steps(value: Any) -> None:
    """Raise ValidationError where `value` can't be the steps of a rule."""
    try:
        check_steps(value)
    except StepError as error:
        raise ValidationError(f"{error.pointer}: {error}") from None


class PricingRuleQuerySet(models.QuerySet["PricingRule"]):
    """Vocabulary of rule versions."""

    def current(self) -> "PricingRuleQuerySet":
        """The latest version of each rule that is not retired."""
        return self.filter(retired_at=None)

    def active_at(self, moment: datetime) -> "PricingRuleQuerySet":
        """Current versions whose window holds `moment`."""
        begun = Q(active_from=None) | Q(active_from__lte=moment)
        going_on = Q(active_until=None) | Q(active_until__gt=moment)
        return self.current().filter(begun & going_on)


class PricingRule(models.Model):
    """One version of a rule. A row is never changed: a change retires it and makes the next.

    A rule without steps only bounds: persons and campaigns may move prices within it. Where several
    govern a product, the highest priority wins, then the narrowest scope, then the newest.
    """

    class Decider(models.TextChoices):
        """Who wants a price."""

        RULES = "rules", "Rules: the first step whose conditions hold"
        MODEL = "model", "Demand model"
        CAMPAIGN = "campaign", "Campaign: a price from a day to another"

    class Scope(models.TextChoices):
        """Which products."""

        ALL = "all", "All products"
        CATEGORY = "category", "A category and all below it"
        BRAND = "brand", "A brand"
        PRODUCT = "product", "One product"

    class Approval(models.TextChoices):
        """Who agrees to a price before it is charged."""

        AUTOMATIC = "automatic", "Automatic"
        THRESHOLD = "threshold", "Automatic up to a threshold, a person beyond it"
        PERSON = "person", "A person, always"

    class Objective(models.TextChoices):
        """What the demand model makes the most of."""

        MARGIN = "margin"
        REVENUE = "revenue"

    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField(default=1, editable=False)
    decider = models.CharField(max_length=8, choices=Decider, default=Decider.RULES)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.ALL)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.IntegerField(default=0)
    currency = models.CharField(max_length=3, help_text="Variants in others are left alone.")

    steps = models.JSONField(
        default=list, blank=True, validators=[validate_steps],
        help_text='[{"when": [{"signal": "days_of_cover", "op": "<", "value": 7}], '
        '"change": "0.03", "reason": "sells out"}]; the first that holds decides.',
    )  # fmt: skip
    objective = models.CharField(max_length=7, choices=Objective, default=Objective.MARGIN)
    may_explore = models.BooleanField(default=False)

    interval_minutes = models.PositiveIntegerField(default=30)
    max_change_interval = fraction(null=True, blank=True)
    max_change_day = fraction(null=True, blank=True)
    min_price = money(null=True, blank=True)
    max_price = money(null=True, blank=True)
    min_list_ratio = fraction(null=True, blank=True)
    max_list_ratio = fraction(null=True, blank=True)
    ending = models.CharField(
        max_length=3, blank=True, default="", help_text="Last digits of prices, such as 99."
    )
    margin_floor = fraction(default=0, help_text="Least margin over cost: 0.1 is cost + 10 %.")
    cool_down_minutes = models.PositiveIntegerField(default=0)
    hysteresis = fraction(default=0, help_text="Smaller changes than this are not made.")

    approval = models.CharField(max_length=9, choices=Approval, default=Approval.PERSON)
    approval_threshold = fraction(
        default=0, help_text="Changes up to this, against the price in force, need no person."
    )
    proposal_minutes = models.PositiveIntegerField(
        default=24 * 60, help_text="After so long a proposal is stale."
    )

    campaign_price = money(null=True, blank=True)
    campaign_list_ratio = fraction(null=True, blank=True)

    active_from = models.DateTimeField(null=True, blank=True)
    active_until = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.CharField(max_length=150, blank=True, default="", editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PricingRuleQuerySet.as_manager()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="rule_version"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(retired_at=None), name="rule_one_current_version"
            ),
            models.CheckConstraint(
                condition=(
                    Q(scope="all", category=None, brand=None, product=None)
                    | Q(scope="category", category__isnull=False, brand=None, product=None)
                    | Q(scope="brand", category=None, brand__isnull=False, product=None)
                    | Q(scope="product", category=None, brand=None, product__isnull=False)
                ),
                name="rule_scope_named",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="rule_currency_iso_4217"
            ),
            models.CheckConstraint(
                condition=(
                    (Q(max_change_interval=None) | Q(max_change_interval__range=(0, 1)))
                    & (Q(max_change_day=None) | Q(max_change_day__range=(0, 1)))
                    & Q(hysteresis__range=(0, 1))
                    & Q(approval_threshold__gte=0)
                    & Q(margin_floor__gt=-1)
                    & Q(interval_minutes__gt=0)
                ),
                name="rule_fractions",
            ),
            models.CheckConstraint(
                condition=(
                    (Q(min_price=None) | Q(min_price__gte=0))
                    & (Q(max_price=None) | Q(max_price__gte=0))
                    & (Q(min_list_ratio=None) | Q(min_list_ratio__gte=0))
                    & (Q(max_list_ratio=None) | Q(max_list_ratio__gte=0))
                    & ~Q(min_price__gt=models.F("max_price"))
                    & ~Q(min_list_ratio__gt=models.F("max_list_ratio"))
                ),
                name="rule_bounds",
            ),
            models.CheckConstraint(
                condition=Q(ending__regex=r"^[0-9]{0,3}$"), name="rule_ending_digits"
            ),
            models.CheckConstraint(
                condition=~Q(decider="campaign")
                | Q(campaign_price__isnull=False, campaign_list_ratio=None)
                | Q(campaign_price=None, campaign_list_ratio__isnull=False),
                name="rule_campaign_price",
            ),
            models.CheckConstraint(
                condition=~Q(active_from__gte=models.F("active_until")), name="rule_window"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def clean(self) -> None:
        """Raise ValidationError that names each field which can't be meant so."""
        fields = self._meta.concrete_fields
        problems = problems_of({field.name: getattr(self, field.attname) for field in fields})
        if problems:
            raise ValidationError(problems)

    @property
    def guardrails(self) -> Guardrails:
        """The bounds, as the algorithms take them."""
        return Guardrails(
            max_change_interval=self.max_change_interval,
            max_change_day=self.max_change_day,
            min_price=self.min_price,
            max_price=self.max_price,
            min_list_ratio=self.min_list_ratio,
            max_list_ratio=self.max_list_ratio,
            ending=self.ending,
            margin_floor=self.margin_floor,
            hysteresis=self.hysteresis,
            interval_minutes=self.interval_minutes,
            cool_down_minutes=self.cool_down_minutes,
        )

    @property
    def terms(self) -> RuleTerms:
        """What its decider needs to know."""
        return RuleTerms(
            rule_id=self.pk, name=self.name, version=self.version, decider=self.decider,
            steps=tuple(self.steps), objective=self.objective, may_explore=self.may_explore,
        )  # fmt: skip
