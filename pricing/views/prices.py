"""Prices in force and past ones, and quotes."""

import hashlib
import uuid
from typing import Any

import orjson
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.pagination import CursorPagination
from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasKey, credential_of
from api.rest.problems import InputError, InvalidInput, Problem
from api.rest.reads import HotRead, json_answer
from catalogue.models import Product
from pricing.exceptions import QuoteError
from pricing.filters import MOST_PRODUCTS, parse_product_ids
from pricing.models import PriceHistory
from pricing.selectors.past import past_prices
from pricing.selectors.prices import load_prices
from pricing.serializers.prices import (
    PastPriceSerializer,
    PricesSerializer,
    QuoteRequestSerializer,
    QuoteSerializer,
    RedeemRequestSerializer,
    render_past_price,
    render_price,
    render_prices,
    render_quote,
)
from pricing.services.quotes import prices_in_force, quote_prices, redeem_quote, skus_of


class PricesView(HotRead):
    """Prices in force."""

    @extend_schema(
        operation_id="get_prices",
        summary="Read prices",
        description="Prices in force, read fresh. They are the same for every shopper.",
        parameters=[
            OpenApiParameter(
                "product_ids", str, required=True,
                description=f"1 to {MOST_PRODUCTS} product ids, comma-separated.",
            )
        ],
        responses=PricesSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """Parse, read, answer."""
        ids = parse_product_ids(request)
        prices = load_prices(ids)
        results = render_prices(prices)
        unknown = [product_id for product_id in ids if product_id not in prices]
        body = {"request_id": str(uuid.uuid4()), "results": results, "unknown": unknown}
        return json_answer(body, etag_of([results, unknown]))


def etag_of(content: Any) -> str:
    """A validator of all but the request's own id."""
    return f'"{hashlib.blake2b(orjson.dumps(content), digest_size=16).hexdigest()}"'


class NewestFirst(CursorPagination):
    """By the beginning of the period."""

    ordering = ("-begins", "-id")  # type: ignore[assignment]  # several, as DRF takes them


class PriceHistoryView(GenericAPIView[PriceHistory]):
    """Past prices of a product."""

    pagination_class = NewestFirst
    serializer_class = PastPriceSerializer
    queryset = PriceHistory.objects.none()

    @extend_schema(
        operation_id="list_past_prices",
        summary="Read a product's past prices",
        description="Prices of all its variants, newest first. A secret key with the scope "
        "prices:read is also told why.",
        parameters=[OpenApiParameter("id", str, "path", description="The merchant's own id.")],
        responses=PastPriceSerializer(many=True),
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the wire's name
        """A page of the history."""
        reject_unknown_parameters(request, ("limit", "cursor"))
        credential = credential_of(request)
        why = credential is not None and (
            credential.may("prices:read") or credential.may("prices:write")
        )
        page: Any = [] if "\x00" in id else self.paginate_queryset(past_prices(id))
        if not page and not Product.objects.filter(public_id=id.replace("\x00", "")).exists():
            raise Http404
        return self.get_paginated_response([render_past_price(row, why=why) for row in page])


class QuotesView(APIView):
    """Quotes."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="create_quote",
        summary="Quote prices",
        description="The prices in force, signed: an order can redeem them until they expire.",
        request=QuoteRequestSerializer,
        responses={201: QuoteSerializer},
    )
    def post(self, request: Request) -> Response:
        """Sign the prices of 1 to 100 skus."""
        reject_unknown_parameters(request, ())
        body = QuoteRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        lines = body.validated_data["lines"]
        quantities = {line["sku"]: line["quantity"] for line in lines}
        if len(quantities) < len(lines):
            raise InvalidInput(InputError("duplicate", "Name each sku once.", "/lines"))
        try:
            quote = quote_prices(quantities)
        except KeyError as error:
            index = [line["sku"] for line in lines].index(error.args[0])
            where = f"/lines/{index}/sku"
            raise InvalidInput(InputError("unknown_sku", "This is not sold.", where)) from None
        return Response(render_quote(quote), 201)


class RedeemView(APIView):
    """Redeem a quote."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="redeem_quote",
        summary="Redeem a quote",
        description="What a quote promises, for an order to charge. A forged, expired or withdrawn "
        "one is a 409 whose `prices` are those in force.",
        request=RedeemRequestSerializer,
        responses=QuoteSerializer,
    )
    def post(self, request: Request) -> Response:
        """Verify it; changes nothing, so it can be asked again."""
        reject_unknown_parameters(request, ())
        body = RedeemRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        token = body.validated_data["quote"]
        try:
            return Response(render_quote(redeem_quote(token)))
        except QuoteError as error:
            prices = [render_price(card) for card in prices_in_force(skus_of(token))]
            problem = Problem(409, error.code, str(error))
            problem.members = {"prices": prices}
            raise problem from None
