"""What visitors look like on the wire, and how operations document who asks."""

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from customers.models import Visitor

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
