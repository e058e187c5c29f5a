"""What holds prices: the kill switch, freezes, and the law's choices about prior prices."""

from datetime import datetime
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalogue.models import Category, Product


class PricingSwitch(models.Model):
    """The kill switch of all prices (no category) or of a category and all below it.

    While one is engaged, list price is charged (or the floor, if higher), and the database refuses
    any other.
    """

    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="+")
    is_engaged = models.BooleanField(default=False)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.CharField(max_length=150, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name_plural = "pricing switches"
        constraints = [
            models.UniqueConstraint(
                fields=["category"], nulls_distinct=False, name="switch_per_category"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category or 'all prices'}: {'killed' if self.is_engaged else 'moving'}"


class PriceFreezeQuerySet(models.QuerySet["PriceFreeze"]):
    """Vocabulary of freezes."""

    def in_force(self, moment: datetime) -> "PriceFreezeQuerySet":
        """Those that hold at `moment`."""
        return self.filter(Q(until=None) | Q(until__gt=moment), lifted_at=None)


class PriceFreeze(models.Model):
    """A product whose prices no decider, person or campaign moves; kill switch and floor do."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="price_freezes")
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: until it is lifted.")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=150, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True, default="")

    objects = PriceFreezeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(lifted_at=None), name="freeze_one_per_product"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} frozen"


def validate_time_zone(value: str) -> None:
    """Raise ValidationError where `value` is no IANA time zone."""
    if value not in available_timezones():
        raise ValidationError("Give an IANA time zone such as Europe/Berlin.")


class PriorPricePolicy(models.Model):
    """What Member States may choose about prior prices (Directive 98/6/EC, Article 6a).

    One for all (no category, no product), for a category and all below it, or for a product; the
    narrowest counts. Without any: 30 days, UTC, progressive reductions, new products since they
    came on the market.
    """

    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="+")
    days = models.PositiveIntegerField(default=30)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    is_progressive = models.BooleanField(
        default=True, help_text="A reduction that grows keeps the prior price of its first step."
    )
    new_product_days = models.PositiveIntegerField(
        default=0, help_text="Days on the market before which no discount is shown."
    )
    is_perishable = models.BooleanField(
        default=False, help_text="Goods that spoil: the prior price is the one just before."
    )

    class Meta:
        verbose_name_plural = "prior price policies"
        constraints = [
            models.UniqueConstraint(
                fields=["category", "product"], nulls_distinct=False, name="policy_per_scope"
            ),
            models.CheckConstraint(
                condition=Q(category=None) | Q(product=None), name="policy_one_scope"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product or self.category or "all products")
