"""The places of a shop's pages that show products, as rows that the shop may change."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from catalogue.models import Brand, Category
from recommendations.algorithms.placements import MOST_SHOWN, Anchor, Source, find_flaws

NAME_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
NAME_LENGTH = 64


def _choices(names: Any) -> list[tuple[str, str]]:
    return [(str(name), str(name).replace("_", " ")) for name in names]


def _cap(what: str) -> "models.PositiveSmallIntegerField[Any, Any]":
    return models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=f"At most so many products of one {what}; empty: any number.",
    )  # fmt: skip


class Placement(models.Model):
    """A place, where its products come from, and which are left out.

    The standard ones can be changed and switched off, but not deleted: front ends name them.
    """

    name = models.CharField(
        max_length=NAME_LENGTH, unique=True,
        validators=[RegexValidator(rf"^{NAME_PATTERN}\Z", "Use a-z, 0-9 and single hyphens.")],
    )  # fmt: skip
    description = models.CharField(max_length=200, blank=True, default="")
    enabled = models.BooleanField(default=True)
    is_standard = models.BooleanField(default=False, editable=False)
    anchor = models.CharField(
        max_length=10, choices=_choices(Anchor), default=Anchor.NONE.value,
        help_text="What it is about: calls must name the product or category.",
    )  # fmt: skip
    sources = ArrayField(
        models.CharField(max_length=20, choices=_choices(Source)),
        help_text="Asked in turn until the page is full.",
    )
    limit = models.PositiveSmallIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(MOST_SHOWN)],
        help_text="Products shown, unless the call says otherwise.",
    )  # fmt: skip
    categories = models.ManyToManyField(
        Category, blank=True, related_name="+", help_text="Only these and what lies below them."
    )
    hidden_categories = models.ManyToManyField(
        Category, blank=True, related_name="+", help_text="Never these, nor what lies below them."
    )
    brands = models.ManyToManyField(Brand, blank=True, related_name="+", help_text="Only these.")
    price_min = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    price_max = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    excludes_bought = models.BooleanField(default=True)
    excludes_in_cart = models.BooleanField(default=True)
    max_per_category = _cap("category")
    max_per_brand = _cap("brand")
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(limit__gte=1, limit__lte=MOST_SHOWN), name="placement_limit"
            ),
            models.CheckConstraint(
                condition=Q(anchor__in=[str(one) for one in Anchor]), name="placement_anchor"
            ),
            models.CheckConstraint(
                condition=Q(sources__contained_by=[str(one) for one in Source])
                & Q(sources__len__gte=1),
                name="placement_sources",
            ),
            models.CheckConstraint(
                condition=Q(price_min=None) | Q(price_max=None) | Q(price_min__lte=F("price_max")),
                name="placement_prices",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse sources that can't serve such a place, and prices the wrong way round."""
        flaws: dict[str, str] = {}
        for name, advice in find_flaws(self.anchor, list(self.sources or [])):
            flaws.setdefault(name, advice)
        if None not in {self.price_min, self.price_max} and self.price_min > self.price_max:  # type: ignore[operator]
            flaws["price_max"] = "Give at least price_min."
        if flaws:
            raise ValidationError(flaws)
