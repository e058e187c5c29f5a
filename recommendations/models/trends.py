"""What is computed from behaviour between trainings, and belongs to no run."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from catalogue.models import Category, Product


class TrendingProducts(models.Model):
    """What rises against the usual, in a category and all below it, or (null) in the shop."""

    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")
    product_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["category"], name="trending_products_one_each", nulls_distinct=False
            )
        ]
        verbose_name_plural = "trending products"

    def __str__(self) -> str:
        return f"trending in category {self.category_id}"


class PurchaseCycle(models.Model):
    """After how many days shoppers mostly buy a product again; `intervals` were seen."""

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="+")
    days = models.FloatField()
    intervals = models.PositiveIntegerField()
    computed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"product {self.product_id} every {self.days:.0f} days"
