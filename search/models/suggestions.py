"""What is suggested while a shopper types: built by a task, read by prefix."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

TERM_LENGTH = 60


class SuggestionKind(models.IntegerChoices):
    """What a suggestion leads to."""

    QUERY = 1
    CATEGORY = 2
    BRAND = 3
    PRODUCT = 4


class QuerySuggestion(models.Model):
    """A query that several shoppers succeeded with. Names nobody."""

    query = models.CharField(max_length=TERM_LENGTH, unique=True, help_text="Folded.")
    text = models.CharField(max_length=100, help_text="As it was typed most often.")
    shoppers = models.PositiveIntegerField(help_text="How many succeeded with it.")
    product_ids = ArrayField(
        models.BigIntegerField(), help_text="What they chose: one of them must still be shown."
    )
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-shoppers", "query"]

    def __str__(self) -> str:
        return self.query


class SuggestionTerm(models.Model):
    """A text from one of its words on, and the row that it stands for."""

    kind = models.PositiveSmallIntegerField(choices=SuggestionKind)
    term = models.CharField(max_length=TERM_LENGTH, db_collation="C")
    target_id = models.BigIntegerField(help_text="Key of the query, category, brand or product.")
    weight = models.FloatField(help_text="Popularity within its kind.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "term", "target_id"], name="suggestion_term"),
        ]

    def __str__(self) -> str:
        return self.term


class SuggestionPrefix(models.Model):
    """A prefix that so many terms share that its best are chosen beforehand."""

    kind = models.PositiveSmallIntegerField(choices=SuggestionKind)
    prefix = models.CharField(max_length=TERM_LENGTH, db_collation="C")
    target_ids = ArrayField(models.BigIntegerField(), help_text="The most popular first.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "prefix"], name="suggestion_prefix"),
        ]

    def __str__(self) -> str:
        return self.prefix
