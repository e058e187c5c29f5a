"""The append-only log of interactions, what de-duplicates it, and what follows from it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Now

from catalogue.models import Product, Variant
from customers.models import Customer, Visitor
from events.models.types import EventType

ID_LENGTH = 128
QUERY_LENGTH = 1000


class Restriction(models.TextChoices):
    """Why an event does not count for everything."""

    BOT = "bot", "of a bot: no figure counts it"
    IMPERSONAL = "impersonal", "not for profiles: figures count it"


# After these a shopper's recommendations are due.
REFRESHING_TYPES = (
    EventType.VIEW,
    EventType.ADD_TO_CART,
    EventType.REMOVE_FROM_CART,
    EventType.PURCHASE,
    EventType.RETURN,
    EventType.NOT_INTERESTED,
)

# Events that these befall come in when the product or variant does.
AWAITING_CODES = ("unknown_product", "unknown_sku")


class Event(models.Model):
    """One interaction; never changed. The table is partitioned by month of `occurred_at` (UTC).

    `customer` is who the sender said it was, not who the visitor was later found to be: that is
    read through IdentityLink, so that a link can be undone without a trace.

    Foreign keys have no constraint in the database: the ingesting statement joins the rows that
    they point to anyway, and a check per event would lock each hot product's row once more.
    """

    type = models.CharField(max_length=16, choices=EventType)
    visitor = models.ForeignKey(
        Visitor, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    session_id = models.CharField(max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null = not told
    product = models.ForeignKey(
        Product, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    variant = models.ForeignKey(
        Variant, models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    order_id = models.CharField(max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null = not told
    quantity = models.IntegerField(null=True)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, null=True)  # noqa: DJ001 - null = not told
    request_id = models.CharField(max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null = not told
    query = models.CharField(max_length=QUERY_LENGTH, null=True)  # noqa: DJ001 - null = not told
    event_id = models.CharField(max_length=ID_LENGTH, db_collation="C")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(
        null=True, help_text="When the sender's clock said that it was, where that was put right."
    )
    restriction = models.CharField(max_length=10, choices=Restriction, null=True)  # noqa: DJ001 - null = none

    class Meta:
        indexes = [
            models.Index(
                fields=["customer", "type", "occurred_at"],
                condition=Q(customer__isnull=False),
                name="event_customer",
            ),
            models.Index(
                fields=["visitor", "type", "occurred_at"],
                condition=Q(visitor__isnull=False),
                name="event_visitor",
            ),
            # Rows arrive in this order, whatever they say of when they occurred.
            BrinIndex(
                fields=["received_at"],
                name="event_received",
                pages_per_range=32,
                autosummarize=True,
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(type__in=EventType.values), name="event_type"),
            models.CheckConstraint(
                condition=Q(visitor__isnull=False) | Q(customer__isnull=False),
                name="event_has_shopper",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="event_quantity_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class EventKey(models.Model):
    """An event id that was stored: de-duplicates across partitions, and tells the partition."""

    event_id = models.CharField(primary_key=True, max_length=ID_LENGTH, db_collation="C")
    occurred_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.event_id


class RejectedEvent(models.Model):
    """An event that could not be stored, as it came, and why.

    `fingerprint` is a hash of code, shopper and payload: a retry is not kept twice. Shopper and
    product are the public ids that were named, whether or not there is such a row.
    """

    fingerprint = models.UUIDField(unique=True, editable=False)
    event_id = models.CharField(max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null = unreadable
    payload = models.JSONField()
    code = models.CharField(max_length=40)
    pointer = models.CharField(max_length=200, help_text="JSON pointer into the event.")
    detail = models.CharField(max_length=300)
    product_public_id = models.CharField("product id", max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null = none
    visitor_id = models.UUIDField(null=True)
    customer_public_id = models.CharField("customer id", max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null = none
    received_at = models.DateTimeField(db_default=Now())
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["product_public_id"],
                condition=Q(replayed_at=None, product_public_id__isnull=False),
                name="rejected_event_product",
            ),
            models.Index(
                KT("payload__sku"),
                condition=Q(replayed_at=None, code__in=AWAITING_CODES, payload__has_key="sku"),
                name="rejected_event_sku",
            ),
            models.Index(F("received_at").desc(), name="rejected_event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.event_id or ''}".rstrip()


class RefreshRequest(models.Model):
    """Whose recommendations are due: one row however often it was asked for.

    `requested_at` moves with each request. A worker reads the row, works, and deletes it only
    where `requested_at` is still what it read: so a request that comes meanwhile is not lost.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, null=True, blank=True)
    visitor = models.OneToOneField(Visitor, models.CASCADE, null=True, blank=True)
    requested_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False, visitor__isnull=True)
                | Q(customer__isnull=True, visitor__isnull=False),
                name="refresh_one_shopper",
            ),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id}" if self.customer_id else f"visitor {self.visitor_id}"
