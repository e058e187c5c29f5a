"""Prices that a person sets, for a shop's back end."""

from dataclasses import asdict
from decimal import Decimal

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pricing.serializers.setting import SetPricesRequestSerializer, SetPricesSerializer
from pricing.services.setting import Asked, set_prices
from pricing.views.control import PricingView, actor_of


class SetPricesView(PricingView):
    """Prices set by hand."""

    @extend_schema(
        operation_id="set_prices",
        summary="Set prices by hand",
        description="Up to 500, each by itself: charged from now on, or refused with the reason. "
        "The guardrails of the rule that governs a variant hold, and nothing is clamped. Freeze "
        "the product afterwards, or its rule may move the price on. `busy` ones can be sent "
        "again. Needs the scope prices:write.",
        request=SetPricesRequestSerializer,
        responses=SetPricesSerializer,
    )
    def post(self, request: Request) -> Response:
        """Set them."""
        body = SetPricesRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = [
            Asked(
                one["sku"], Decimal(one["price"]["amount"]), one["price"]["currency"],
                one["price_version"],
            )
            for one in body.validated_data["prices"]
        ]  # fmt: skip
        outcomes = set_prices(asked, actor_of(request), body.validated_data["reason"])
        return Response({"outcomes": [asdict(outcome) for outcome in outcomes]})
