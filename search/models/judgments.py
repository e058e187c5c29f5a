"""What people think of what a query finds."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from catalogue.models import Product


class Judgment(models.Model):
    """How well a product answers a query: 0 not at all, 3 perfectly. The last word stands."""

    class Grade(models.IntegerChoices):
        """How well."""

        WRONG = 0, "0 wrong"
        RELATED = 1, "1 related"
        GOOD = 2, "2 good"
        PERFECT = 3, "3 perfect"

    query = models.CharField(max_length=512)
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=Grade)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    judged_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["query", "-grade", "product_id"]
        constraints = [
            models.UniqueConstraint(fields=["query", "product"], name="one_judgment"),
            models.CheckConstraint(condition=Q(grade__lte=3), name="judgment_grade"),
        ]

    def __str__(self) -> str:
        return f"{self.query}: {self.grade}"
