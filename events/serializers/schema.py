"""How events look on the wire, for OpenAPI.

A batch is read by `batches`, not by these classes: per-event outcomes, not all or nothing, and
many times the speed.
"""

from typing import Any

from rest_framework import serializers

from events.algorithms.lines import ID_LENGTH, MAX_QUANTITY, QUERY_LENGTH
from events.models import EventType
from events.serializers.batches import MAX_EVENTS


def _id(help_text: str, *, required: bool = False) -> serializers.CharField:
    return serializers.CharField(
        max_length=ID_LENGTH, required=required, allow_null=not required, help_text=help_text
    )


class ConsentSerializer(serializers.Serializer[Any]):
    """What a shopper allows, by purpose; what is not told stays as it was."""

    analytics = serializers.BooleanField(required=False)
    personalisation = serializers.BooleanField(required=False)


class EventSerializer(serializers.Serializer[Any]):
    """One interaction."""

    event_id = _id("Your id: an event is stored once per id. UUIDv7 is best.", required=True)
    type = serializers.ChoiceField(EventType.choices)
    occurred_at = serializers.DateTimeField(help_text="RFC 3339, with a zone.")
    product_id = _id("Required, or sku, unless the type is search.")
    sku = _id("The variant.")
    customer_id = _id("Who, in place of a token: needs a secret key with events:write.")
    visitor_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The same for a visitor."
    )
    session_id = _id("The visit, as you count visits.")
    order_id = _id("The order of a purchase or return.")
    quantity = serializers.IntegerField(
        min_value=1, max_value=MAX_QUANTITY, required=False, allow_null=True,
        help_text="Positive, for returns too.",
    )  # fmt: skip
    unit_price = serializers.RegexField(
        r"^[0-9]{1,10}(\.[0-9]{1,4})?$", required=False, allow_null=True,
        help_text="Decimal text, such as 19.99.",
    )  # fmt: skip
    currency = serializers.RegexField(
        r"^[A-Z]{3}$", required=False, allow_null=True,
        help_text="ISO 4217; the store's currency if absent.",
    )  # fmt: skip
    request_id = _id("Which search or recommendation led here.")
    query = serializers.CharField(
        max_length=QUERY_LENGTH, required=False, allow_null=True, help_text="What was looked for."
    )
    consent = ConsentSerializer(
        required=False,
        allow_null=True,
        help_text="What the shopper allowed, where not both. Without analytics only purchases and"
        " returns are kept; without personalisation nothing personal is learnt from it.",
    )


class EventBatchSerializer(serializers.Serializer[Any]):
    """A batch of events."""

    sent_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="The device's clock at this attempt. By it the times of the events are put right"
        " where it is more than a minute, and at most 31 days, off.",
    )
    visitor_token = serializers.CharField(
        required=False, allow_null=True, help_text="X-Visitor-Token, for a beacon."
    )
    events = serializers.ListField(child=EventSerializer(), min_length=1, max_length=MAX_EVENTS)


OUTCOMES = ("stored", "duplicate", "rejected")


class EventOutcomeSerializer(serializers.Serializer[Any]):
    """What became of one event."""

    index = serializers.IntegerField()
    event_id = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(OUTCOMES)
    code = serializers.CharField(required=False, help_text="Why it was rejected: stable.")
    pointer = serializers.CharField(required=False, help_text="JSON pointer into the body.")
    detail = serializers.CharField(required=False, help_text="What to do.")


class BatchOutcomeSerializer(serializers.Serializer[Any]):
    """What became of a batch: whatever is `stored` or `duplicate` is committed."""

    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = serializers.IntegerField()
    outcomes = EventOutcomeSerializer(many=True)
