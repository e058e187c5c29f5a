"""Counts of the log by hour and day, and which days are to be counted anew."""

from django.db import models
from django.db.models.functions import Now

from catalogue.models import Product
from events.models.types import EventType


class StaleDay(models.Model):
    """A day (UTC) of the log that was written to since it was last counted.

    Triggers add a row in the transaction of each statement that writes the log: so whoever sees
    the row sees the events. Whoever counts the day deletes the rows first.
    """

    day = models.DateField()
    noted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.day}"


class Counts(models.Model):
    """What is counted of a set of events.

    `shoppers` are those whom the events name, a customer or else a visitor, whoever the visitor
    was found to be since; `units` are quantities, 1 where none was told; `revenue` is what was
    named in the store's currency.
    """

    type = models.CharField(max_length=16, choices=EventType)
    events = models.BigIntegerField()
    shoppers = models.BigIntegerField()
    units = models.BigIntegerField()
    revenue = models.DecimalField(max_digits=24, decimal_places=4)

    class Meta:
        abstract = True


class DailyActivity(Counts):
    """One day (UTC) of one product, or of events without a product, by type."""

    day = models.DateField()
    product = models.ForeignKey(
        Product, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name_plural = "daily activity"
        indexes = [models.Index(fields=["product", "day"], name="daily_activity_product")]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "type", "product"], name="one_daily_activity", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.type} {self.product_id or ''}".rstrip()


class EventCount(Counts):
    """One hour or day (UTC) of the whole shop, by type."""

    class Span(models.TextChoices):
        """How long."""

        HOUR = "hour"
        DAY = "day"

    span = models.CharField(max_length=4, choices=Span)
    start = models.DateTimeField()
    bots = models.BigIntegerField(db_default=0, help_text="Events of bots; in no other figure.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["span", "start", "type"], name="one_event_count"),
        ]

    def __str__(self) -> str:
        return f"{self.span} {self.start:%Y-%m-%d %H:%M} {self.type}"
