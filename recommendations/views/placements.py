"""`GET /v1/recommendations/{placement}`."""

import hashlib
import uuid
from typing import Any

import orjson
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.problems import invalid_parameter
from customers.authentication import identify_shopper
from customers.serializers import SHOPPER_PARAMETERS
from recommendations.filters import (
    DEFAULT_LIMIT,
    MOST_EXCLUDED,
    MOST_LIMIT,
    Call,
    parse_call,
)
from recommendations.selectors.placements import (
    PLACEMENTS,
    Page,
    Question,
    recommend_for_cart,
    recommend_for_product,
    recommend_home,
)
from recommendations.serializers.placements import RecommendationsSerializer, render_page

LIMITS = f"1 to {MOST_LIMIT}; {DEFAULT_LIMIT} by default."


class RecommendationsView(APIView):
    """Products for a placement."""

    @extend_schema(
        operation_id="get_recommendations",
        summary="Recommend products",
        description=(
            "What to show in a placement, computed before and read fresh for publication, stock "
            "and price. `source` names where the list came from: the shopper's own, like what they "
            "looked at in this session, like the product or the cart, popular in the category of "
            "their most viewed product, or popular in the shop. A short list is filled up from the "
            "next source."
        ),
        parameters=[
            OpenApiParameter("placement", str, OpenApiParameter.PATH, enum=PLACEMENTS),
            OpenApiParameter("product_id", str, description="For the placement product: which."),
            OpenApiParameter("limit", int, description=LIMITS),
            OpenApiParameter(
                "exclude", str,
                description=f"Product ids not to show, comma-separated; at most {MOST_EXCLUDED}.",
            ),
            *SHOPPER_PARAMETERS,
        ],
        responses=RecommendationsSerializer,
    )  # fmt: skip
    def get(self, request: Request, placement: str) -> Response:
        """Parse, read, answer."""
        call = parse_call(request, placement)
        question = Question(identify_shopper(request), call.limit, call.excluded)
        body = render_page(_recommend(call, question), placement, str(uuid.uuid4()))
        response = Response(body)
        if not question.shopper.is_known:
            response["ETag"] = _etag(body)
        return response


def _recommend(call: Call, question: Question) -> Page:
    if call.product_id is not None:
        page = recommend_for_product(question, call.product_id)
        if page is None:
            raise invalid_parameter("product_id", "There is no such product.", "unknown_product")
        return page
    return recommend_for_cart(question) if call.placement == "cart" else recommend_home(question)


def _etag(body: dict[str, Any]) -> str:
    """A validator of all but the request's own id, which is another each time."""
    rest = [value for name, value in body.items() if name != "request_id"]
    return f'"{hashlib.blake2b(orjson.dumps(rest), digest_size=16).hexdigest()}"'
