"""Demand signals: what shoppers did with a product, by slot of half an hour."""

from django.db import models
from django.db.models.functions import Now

from catalogue.models import Product


class DemandSignal(models.Model):
    """A product's demand as of the end of a slot; None where it can't be told.

    Nothing of it is about one shopper: each visitor counts up to a cap. No constraint holds the
    product, so that a slot is written in one statement without a lock on each product's row.
    """

    product = models.ForeignKey(Product, models.DO_NOTHING, db_constraint=False, db_index=False)
    slot = models.DateTimeField(help_text="The end of the half hour, UTC.")
    views_per_hour = models.FloatField(null=True, help_text="Over 24 hours.")
    carts_per_hour = models.FloatField(null=True, help_text="Over 24 hours.")
    purchases_per_day = models.FloatField(null=True, help_text="Over 24 hours.")
    purchases_week_average = models.FloatField(null=True, help_text="A day, over 7 days.")
    demand_ratio = models.FloatField(
        null=True, help_text="Purchases per day to the week's average."
    )
    conversion = models.FloatField(null=True, help_text="Purchases per view, shrunk.")
    days_of_cover = models.FloatField(null=True, help_text="Stock to expected demand.")
    stock = models.BigIntegerField(null=True, help_text="Of all variants; empty: not tracked.")
    visitors = models.IntegerField(default=0, help_text="Who took part, over 24 hours.")
    is_borrowed = models.BooleanField(default=False, help_text="Thin: taken from the category.")
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "slot"], name="signal_per_slot"),
        ]
        indexes = [models.Index(fields=["slot"], name="signal_slot")]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.slot:%Y-%m-%d %H:%M}"
