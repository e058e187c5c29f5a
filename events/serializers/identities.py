"""How identities and consent look on the wire."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from events.algorithms.lines import ID_LENGTH

_NO_CONTROLS = RegexValidator("^[^\x00-\x1f\x7f]*\\Z", "Leave out control characters.")


def _customer_id(help_text: str, *, required: bool = False) -> serializers.CharField:
    return serializers.CharField(
        required=required, max_length=ID_LENGTH, trim_whitespace=False, validators=[_NO_CONTROLS],
        help_text=help_text,
    )  # fmt: skip


class IdentifySerializer(StrictSerializer[Any]):
    """Who is whom, where headers don't say."""

    visitor_token = serializers.CharField(
        required=False, max_length=500, help_text="In place of X-Visitor-Token."
    )
    customer_id = _customer_id(
        "In place of X-Customer-Token: needs a secret key with customers:write."
    )


class IdentitySerializer(serializers.Serializer[Any]):
    """A visitor and the customer that it is."""

    visitor_id = serializers.UUIDField()
    customer_id = serializers.CharField()
    linked_at = serializers.DateTimeField()


class LogoutSerializer(serializers.Serializer[Any]):
    """Whether the visitor was a customer until now."""

    visitor_id = serializers.UUIDField()
    logged_out = serializers.BooleanField()


class UnlinkSerializer(StrictSerializer[Any]):
    """Whose link is undone."""

    visitor_id = serializers.UUIDField()


class UndoneLinkSerializer(serializers.Serializer[Any]):
    """Who the visitor was never linked to; null: nobody."""

    visitor_id = serializers.UUIDField()
    customer_id = serializers.CharField(allow_null=True)


class MergeSerializer(StrictSerializer[Any]):
    """Who the customer is."""

    into = _customer_id("The customer to be merged into.", required=True)


class MergedSerializer(serializers.Serializer[Any]):
    """A customer and whom it was merged into."""

    customer_id = serializers.CharField()
    into = serializers.CharField()
    merged_at = serializers.DateTimeField()


class SetConsentSerializer(StrictSerializer[Any]):
    """What the shopper says; what is not told stays as it was."""

    analytics = serializers.BooleanField(required=False, help_text="May what they do be recorded?")
    personalisation = serializers.BooleanField(
        required=False, help_text="May it shape what they see?"
    )
    customer_id = _customer_id(
        "In place of X-Customer-Token: needs a secret key with customers:write."
    )


class ConsentStateSerializer(serializers.Serializer[Any]):
    """What device and customer allow together."""

    analytics = serializers.BooleanField()
    personalisation = serializers.BooleanField()
