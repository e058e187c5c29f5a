"""`GET /v1/search/suggestions`, `/v1/products/{id}/similar`, `/v1/search/reports/queries`."""

import re
import uuid
from dataclasses import asdict

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.permissions import HasScope
from api.rest.reads import HotRead, json_answer
from catalogue.filters import reject_unknown_names
from catalogue.selectors import load_product_cards
from catalogue.serializers import render_product
from search.filters.others import parse_report, parse_similar, parse_suggestions
from search.selectors.reports import REPORTS, report_queries
from search.selectors.similar import find_similar
from search.selectors.suggestions import suggest
from search.serializers.suggestions import (
    QueryReportSerializer,
    SimilarAnswerSerializer,
    SuggestionsSerializer,
    render_suggestions,
)
from search.views.answers import FILTER_PARAMETERS

UNSTORABLE = re.compile("[\x00-\x1f\ud800-\udfff]")
# A product that is unpublished between the two reads of an answer leaves no gap in it.
SPARE = 10


class SuggestionsView(HotRead):
    """Complete what a shopper types."""

    @extend_schema(
        operation_id="suggest",
        summary="Suggest while a shopper types",
        description=(
            "Queries, categories, brands and products of which a word begins with `q`, the popular "
            "first; the most popular of all for an empty `q`. A query is suggested once several "
            "shoppers have searched for it and then clicked, put into the cart or bought what was "
            "shown. Case, accents and punctuation do not matter. What `-word` says begins no "
            "suggestion, and nothing that has a word which begins so is suggested."
        ),
        parameters=[
            OpenApiParameter("q", str, description="What was typed so far."),
            OpenApiParameter("limit", int, description="Of each kind: 1 to 20; 5 by default."),
        ],
        responses=SuggestionsSerializer,
        tags=["search"],
    )
    def get(self, request: Request) -> HttpResponse:
        """Parse, read, answer."""
        typed, limit = parse_suggestions(request)
        return json_answer(render_suggestions(str(uuid.uuid4()), suggest(typed, limit)))


class SimilarProductsView(APIView):
    """Products near another in meaning."""

    @extend_schema(
        operation_id="list_similar_products",
        summary="List products that are similar",
        description=(
            "Published products whose texts are nearest in meaning, the nearest first; the filters "
            "are those of a search. What shoppers bought together is at /v1/recommendations."
        ),
        parameters=[
            OpenApiParameter("id", str, "path", description="The merchant's own id."),
            OpenApiParameter("limit", int, description="1 to 100; 20 by default."),
            *FILTER_PARAMETERS,
        ],
        responses=SimilarAnswerSerializer,
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the wire's name
        """Parse, find, read fresh, answer."""
        filters, limit = parse_similar(request)
        found = None if UNSTORABLE.search(id) else find_similar(id, filters, limit + SPARE)
        if found is None:
            raise Http404
        scores = {near.product_id: near.similarity for near in found.neighbours}
        if not scores:
            reject_unknown_names(filters)
        cards = load_product_cards(list(scores), available_only=False)[:limit]
        results = [
            {
                "product": render_product(card),
                "position": position,
                "score": round(scores[card.id], 4),
            }
            for position, card in enumerate(cards, 1)
        ]
        versions = {"model": found.model_version or None}
        return Response({"request_id": str(uuid.uuid4()), "results": results, "versions": versions})


class QueryReportView(APIView):
    """What shoppers look for."""

    permission_classes = [HasScope]
    read_scope = "search:read"
    write_scope = "search:write"

    @extend_schema(
        operation_id="report_queries",
        summary="Report what shoppers look for",
        description=(
            "Queries over a period, the most frequent first. `no_results` keeps those that found "
            "nothing at least once, `no_clicks` those that found something that nobody wanted. "
            "Needs a secret key with the scope search:read."
        ),
        parameters=[
            OpenApiParameter("report", str, enum=REPORTS, description="Default: popular."),
            OpenApiParameter(
                "start", str, description="A day or a time, UTC; default: 30 days before the end."
            ),
            OpenApiParameter("end", str, description="Before this; default: now."),
            OpenApiParameter("limit", int, description="1 to 1,000; 100 by default."),
        ],
        responses=QueryReportSerializer,
    )
    def get(self, request: Request) -> Response:
        """Parse, count, answer."""
        call = parse_report(request)
        lines = report_queries(call.report, call.start, call.end, call.limit)
        return Response(
            {"start": call.start, "end": call.end, "results": [asdict(line) for line in lines]}
        )
