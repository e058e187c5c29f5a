"""What visitors look like on the wire, and how operations document who asks."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from customers.models import Erasure, Visitor

VISITOR_TOKEN_HEADER = OpenApiParameter(
    "X-Visitor-Token",
    str,
    OpenApiParameter.HEADER,
    description="Who asks: the token that POST /v1/visitors gave.",
)
CUSTOMER_TOKEN_HEADER = OpenApiParameter(
    "X-Customer-Token",
    str,
    OpenApiParameter.HEADER,
    description="Who asks: a JWT that the merchant signed (HS256, claims `sub` and `exp`).",
)
CUSTOMER_ID_PARAMETER = OpenApiParameter(
    "customer_id",
    str,
    description="Who asks. Needs a secret key with the scope customers:read.",
)
# For operations that answer by `identify_shopper`.
SHOPPER_PARAMETERS = [VISITOR_TOKEN_HEADER, CUSTOMER_TOKEN_HEADER, CUSTOMER_ID_PARAMETER]


class NewVisitorSerializer(serializers.Serializer[Visitor]):
    """A new visitor and the token that proves to be it."""

    visitor_id = serializers.UUIDField()
    token = serializers.CharField(help_text="Send it as X-Visitor-Token; it does not expire.")


class ErasureSerializer(serializers.ModelSerializer[Erasure]):
    """The receipt of an erasure; it names nobody."""

    erasure_id = serializers.UUIDField(source="id")
    subject = serializers.ChoiceField(Erasure.Kind.choices, source="kind")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rows removed, by what they were."
    )
    training_runs = serializers.ListField(
        child=serializers.IntegerField(), help_text="Runs whose models learnt from them."
    )
    unreached = serializers.ListField(
        child=serializers.CharField(), help_text="Where copies may be left, for you to look."
    )

    class Meta:
        model = Erasure
        fields = [
            "erasure_id", "subject", "state", "requested_at", "finished_at", "counts",
            "training_runs", "unreached",
        ]  # fmt: skip
