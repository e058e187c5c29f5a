"""`GET /v1/recommendations/{placement}`, and `GET /v1/recommendations` for a whole page."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.rest.reads import HotRead, json_answer
from api.rest.validators import is_current, not_modified
from customers.authentication import refusing_erased
from customers.serializers import SHOPPER_PARAMETERS
from events.selectors import deeds_with
from recommendations.filters import (
    MOST_EXCLUDED,
    MOST_LIMIT,
    MOST_PLACEMENTS,
    MOST_PRODUCTS,
    Call,
    check_anchors,
    parse_call,
    parse_page_call,
)
from recommendations.selectors.placements import Page, fill_placements, find_situation
from recommendations.selectors.situation import Situation
from recommendations.selectors.validators import validator_of
from recommendations.serializers.placements import (
    Explainer,
    RecommendationsSerializer,
    RecommendedPageSerializer,
    render_page,
)

STANDARD = (
    "home, product, bought-together, cart, trending, recently-viewed, buy-again, for-category"
)
PARAMETERS = [
    OpenApiParameter("product_id", str, description="The product that a placement is about."),
    OpenApiParameter(
        "category", str,
        description="The category that a placement is about: its id, or names joined by ` > `.",
    ),
    OpenApiParameter(
        "limit", int,
        description=f"Products in each placement, 1 to {MOST_LIMIT}; by default what each has set.",
    ),
    OpenApiParameter(
        "exclude", str,
        description=f"Product ids not to show, comma-separated; at most {MOST_EXCLUDED}.",
    ),
    OpenApiParameter(
        "explain", bool,
        description="Tell of each product because of which interactions it is there, from which "
        "run and source, and at what rank before filters and caps.",
    ),
    *SHOPPER_PARAMETERS,
]  # fmt: skip

Render = Callable[[Sequence[Page], Explainer | None], dict[str, Any]]


class RecommendationsView(HotRead):
    """Products for a placement."""

    @extend_schema(
        operation_id="get_recommendations",
        summary="Recommend products",
        description=(
            "What to show in a placement, computed before and read fresh for publication, stock "
            "and price. A placement asks its sources in turn until the page is full; `source` "
            "names the first that gave any: the shopper's own, like what they looked at in this "
            "session, like or bought together with the product or cart, popular in a category, "
            "trending, popular in the shop, recently viewed, or to buy again. Nothing that the "
            "shopper has marked as of no interest is shown. The `ETag` changes with all that the "
            "answer follows from; send it as `If-None-Match`."
        ),
        parameters=[
            OpenApiParameter(
                "placement", str, OpenApiParameter.PATH,
                description=f"A placement of the shop. The standard ones: {STANDARD}.",
            ),
            *PARAMETERS,
        ],
        responses=RecommendationsSerializer,
    )  # fmt: skip
    def get(self, request: Request, placement: str) -> HttpResponse:
        """Parse, read, answer."""
        return _answer(request, parse_call(request, placement), _render_one)


class RecommendedPageView(HotRead):
    """Products for the placements of a page."""

    @extend_schema(
        operation_id="get_recommended_page",
        summary="Recommend products for a whole page",
        description=(
            "Several placements in one call, none of whose products is shown twice; an earlier "
            "placement takes first. What one of them needs (product_id, category) must be given."
        ),
        parameters=[
            OpenApiParameter(
                "placements", str, required=True,
                description=f"Names, comma-separated, at most {MOST_PLACEMENTS}; together they may "
                f"show {MOST_PRODUCTS} products. The standard ones: {STANDARD}.",
            ),
            *PARAMETERS,
        ],
        responses=RecommendedPageSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> HttpResponse:
        """Parse, read, answer."""
        return _answer(request, parse_page_call(request), _render_all)


def _answer(request: Request, call: Call, render: Render) -> HttpResponse:
    with refusing_erased():
        situation = find_situation(call.question)
    check_anchors(call.question, situation)
    etag = validator_of(call.question, situation, explain=call.explain)
    if is_current(request, etag):
        return not_modified(etag)
    pages = fill_placements(call.question, situation)
    explainer = _explainer(pages, situation) if call.explain else None
    return json_answer(render(pages, explainer), etag)


def _explainer(pages: Sequence[Page], situation: Situation) -> Explainer:
    reasons = {
        product_id
        for page in pages for one in page.results for product_id, _ in one.reason
    }  # fmt: skip
    deeds = deeds_with(situation.shopper, sorted(reasons))
    return Explainer(deeds, situation.computed_at, situation.run)


def _render_one(pages: Sequence[Page], explainer: Explainer | None) -> dict[str, Any]:
    return render_page(pages[0], str(uuid.uuid4()), explainer)


def _render_all(pages: Sequence[Page], explainer: Explainer | None) -> dict[str, Any]:
    return {
        "request_id": str(uuid.uuid4()),
        "run": pages[0].run,
        "placements": [render_page(page, str(uuid.uuid4()), explainer) for page in pages],
    }
