"""What was learnt of demand: one fit after another, each whole."""

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from catalogue.models import Product


class DemandFit(models.Model):
    """One fit of the demand model on the history up to `as_of`; kept until newer ones follow."""

    as_of = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    days = models.PositiveIntegerField(help_text="Length of the history that it rests on.")
    products = models.PositiveIntegerField()
    units = models.BigIntegerField(help_text="Sold in that time.")
    elasticity = models.FloatField(help_text="Of the whole shop.")
    error = models.FloatField(help_text="Its standard error.")
    categories = models.JSONField(
        default=list, help_text="What products without history borrow, by category."
    )

    class Meta:
        ordering = ["-as_of", "-id"]
        indexes = [models.Index(F("as_of").desc(), F("id").desc(), name="demand_fit_latest")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d %H:%M}: {self.elasticity:.2f}"


class DemandEstimate(models.Model):
    """What a fit says of a product, which no constraint holds: estimates come by the 100,000."""

    fit = models.ForeignKey(DemandFit, models.CASCADE, related_name="estimates")
    product = models.ForeignKey(Product, models.DO_NOTHING, db_constraint=False, db_index=False)
    elasticity = models.FloatField()
    error = models.FloatField(help_text="Its standard error.")
    rate = models.FloatField(help_text="Units a day at list price.")
    units = models.FloatField(help_text="Sold in the fit's history.")
    is_borrowed = models.BooleanField(help_text="Thin: above all its category's.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fit", "product"], name="estimate_per_fit"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.elasticity:.2f} ± {self.error:.2f}"
