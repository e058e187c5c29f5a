"""What merchandisers decide: synonyms, and rules with their actions.

A trigger on each of these tables raises `IndexState.merchandising`, whoever writes: so what
processes remember of them is at most a second behind.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from catalogue.models import Brand, Category, Product
from search.algorithms.rule_checks import MAX_PLACES, check_action
from search.algorithms.synonyms import check_synonym

MAX_PHRASES = 50
PHRASE_LENGTH = 100


class Synonym(models.Model):
    """Phrases that mean the same. One-way: `phrase` also finds `terms`, not the other way round."""

    class Direction(models.TextChoices):
        """Which phrase finds which."""

        TWO_WAY = "two_way", "Two-way: each finds the others"
        ONE_WAY = "one_way", "One-way: the phrase also finds the terms"

    direction = models.CharField(max_length=7, choices=Direction, default=Direction.TWO_WAY)
    phrase = models.CharField(
        max_length=PHRASE_LENGTH, blank=True, default="", help_text="One-way only: what is typed."
    )
    terms = ArrayField(
        models.CharField(max_length=PHRASE_LENGTH),
        size=MAX_PHRASES,
        help_text="Two-way: two or more that mean the same. One-way: what is found as well.",
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(direction="two_way", phrase="", terms__len__gte=2)
                | (Q(direction="one_way", terms__len__gte=1) & ~Q(phrase="")),
                name="synonym_is_whole",
            ),
        ]

    def __str__(self) -> str:
        terms = ", ".join(self.terms)
        return terms if self.direction == "two_way" else f"{self.phrase} → {terms}"

    def clean(self) -> None:
        """Refuse a synonym that says nothing."""
        errors = check_synonym(self.direction, self.phrase, self.terms or [])
        if errors:
            raise ValidationError(errors)


class MerchandisingRule(models.Model):
    """When its condition holds, its actions act on what a search finds.

    The condition: the query is one of `queries` (none: any), and the search is filtered by
    `category` or one below it (none: any), now. A rule with neither acts everywhere.
    """

    class Match(models.TextChoices):
        """How a query must agree with one of `queries`."""

        EXACT = "exact", "Exact: the whole query"
        PHRASE = "phrase", "Phrase: its words in a row, anywhere in the query"

    name = models.CharField(max_length=100)
    queries = ArrayField(
        models.CharField(max_length=PHRASE_LENGTH),
        size=MAX_PHRASES,
        default=list,
        blank=True,
        help_text="Any one of them; case, accents and punctuation do not matter. None: any query.",
    )
    match = models.CharField(max_length=6, choices=Match, default=Match.EXACT)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Where shoppers look at it or at one below it. Empty: anywhere.",
    )
    priority = models.SmallIntegerField(default=0, help_text="The highest has its way.")
    enabled = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-priority", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="rule_window_is_one",
                violation_error_message="It must end after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleAction(models.Model):
    """One thing that a rule does, to a product or to all products that its target describes."""

    class Kind(models.TextChoices):
        """What is done."""

        PIN = "pin", "Pin a product at a position"
        HIDE = "hide", "Hide"
        BOOST = "boost", "Boost: up by so many places"
        BURY = "bury", "Bury: down by so many places"
        FILTER = "filter", "Filter: keep nothing else"
        REDIRECT = "redirect", "Redirect to a page"
        BANNER = "banner", "Show a banner"

    rule = models.ForeignKey(MerchandisingRule, models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=8, choices=Kind)
    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="+")
    brand = models.ForeignKey(Brand, models.CASCADE, null=True, blank=True, related_name="+")
    attribute = models.CharField(
        max_length=200, blank=True, default="", help_text="name:value, such as colour:red."
    )
    in_stock = models.BooleanField(null=True, blank=True)
    price_min = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    price_max = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    position = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_PLACES)],
        help_text="Pin: from 1.",
    )
    places = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_PLACES)],
        help_text="Boost and bury: by how many places.",
    )
    text = models.CharField(max_length=500, blank=True, default="", help_text="Banner.")
    image_url = models.CharField(max_length=2000, blank=True, default="", help_text="Banner.")
    url = models.CharField(
        max_length=2000, blank=True, default="", help_text="Redirect; where a banner leads."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="pin")
                | Q(product__isnull=False, position__gte=1, position__lte=MAX_PLACES),
                name="pin_has_product_and_position",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["boost", "bury"]) | Q(places__gte=1, places__lte=MAX_PLACES),
                name="move_has_places",
            ),
            models.CheckConstraint(
                condition=~Q(kind="redirect") | ~Q(url=""), name="redirect_has_url"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of rule {self.rule_id}"

    def clean(self) -> None:
        """Refuse an action that lacks what its kind needs, or has what it has no use for."""
        errors = check_action(self.kind, self.as_fields())
        if errors:
            raise ValidationError(errors)

    def as_fields(self) -> dict[str, Any]:
        """Its values by field, of which None and empty text are no value."""
        names = (
            "category", "brand", "attribute", "in_stock", "price_min", "price_max", "position",
            "places", "text", "image_url", "url",
        )  # fmt: skip
        return {"product": self.product_id} | {
            name: getattr(self, f"{name}_id" if name in {"category", "brand"} else name)
            for name in names
        }


class BlockedSuggestion(models.Model):
    """Words that are never suggested, alone or within a longer text."""

    text = models.CharField(
        max_length=PHRASE_LENGTH, unique=True, help_text="A word, or several in a row."
    )
    note = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["text"]

    def __str__(self) -> str:
        return self.text
