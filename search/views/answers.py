"""`GET /v1/search`."""

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.rest.parameters import replace_parameters
from api.rest.reads import JSON, HotRead
from api.rest.renderers import render_json
from api.rest.short_way import CONDITIONS
from catalogue.filters import ProductFilterSet, reject_unknown_names
from customers.authentication import identify_shopper
from customers.selectors import Shopper
from customers.serializers import SHOPPER_PARAMETERS
from search.filters import FILTERS, SearchCall, parse_search
from search.selectors.cursors import PageStart, encode_cursor
from search.selectors.facets import FACETS, Facets, count_facets
from search.selectors.kept_lists import RANKING_VERSION
from search.selectors.pages import SearchPage, read_page
from search.selectors.ranking import Later, RankedList, complete, rank_products
from search.selectors.steering import rules_for
from search.selectors.terms import ORDERINGS
from search.serializers import (
    SearchAnswerSerializer,
    render_filters,
    render_hit,
    render_signposts,
    render_spelling,
    render_versions,
)
from search.serializers.facets import render_facets
from search.services.query_log import AnsweredSearch, record_search

FILTER_PARAMETERS = [
    OpenApiParameter(
        name,
        bool if name == "in_stock" else str,
        description=ProductFilterSet.base_filters[name].extra["help_text"],
        many=name in {"brand", "attribute"},
    )
    for name in sorted(FILTERS)
]
QUERY_PARAMETER = OpenApiParameter(
    "q",
    str,
    description="What is looked for. Empty, everything is shown; with exclusions alone "
    '(`-case -"screen protector"`) everything but what they name.',
)


class LoggedAnswer(HttpResponse):
    """An answer after which there is something to do once the server has sent its last byte."""

    left: Sequence[Callable[[], object]] = ()

    def close(self) -> None:
        """Do what is left, then close: closing may give the database connection back."""
        left, self.left = self.left, ()
        for do in left:
            do()
        super().close()


class SearchView(HotRead):
    """Search by meaning and by words at once."""

    @extend_schema(
        operation_id="search_products",
        summary="Search products",
        description=(
            "Products found by meaning and by words, fused by their ranks and by how good each "
            'is, and re-ranked towards what a known shopper prefers. `"in quotes"` asks for '
            'a phrase, `-word` and `-"a phrase"` leave products that hold it out; ids and skus are '
            "found exactly. An empty query, or one that says only what to leave out, browses by "
            "popularity, the same for every shopper. A page's `next` keeps to the list that the "
            "first page began, with prices and stock as they are now; it takes the same parameters."
        ),
        parameters=[
            QUERY_PARAMETER,
            OpenApiParameter("limit", int, description="1 to 100; 24 by default."),
            OpenApiParameter("cursor", str, description="From `next` or `previous`."),
            *FILTER_PARAMETERS,
            OpenApiParameter("ordering", str, enum=ORDERINGS, description="Default: relevance."),
            OpenApiParameter(
                "facets",
                str,
                description="Count how the results divide: `all`, or of "
                f"{', '.join(f'`{name}`' for name in FACETS)}, separated by commas.",
            ),
            OpenApiParameter("personalise", bool, description="Default: true."),
            OpenApiParameter("explain", bool, description="Add why each result stands there."),
            *SHOPPER_PARAMETERS,
        ],
        responses=SearchAnswerSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Parse, rank, read a page, answer."""
        started = time.perf_counter()
        call = parse_search(request)
        shopper = identify_shopper(request)
        left: list[Callable[[], object]] = []
        # In place of an answer that the client has, another is closed.
        conditional = any(name in request.META for name in CONDITIONS)
        ranked, start = _list_of(call, shopper, None if conditional else left.append)
        page = read_page(call.terms, ranked, start, call.limit)
        if not page.hits:
            reject_unknown_names(call.terms.filters)
        now = ranked if call.pinned is None else None
        facets = count_facets(call.terms, call.facets, now) if call.facets else None
        answer = _Answer(uuid.uuid4(), call, shopper, ranked, start, page, facets)
        body = answer.render(request.build_absolute_uri())
        response = LoggedAnswer(render_json(body), content_type=JSON)
        if not shopper.is_known:
            response["ETag"] = _etag(body)
        logged = answer.to_log(1000 * (time.perf_counter() - started))
        response.left = [*left, partial(record_search, logged)]
        return response


def _list_of(
    call: SearchCall, shopper: Shopper, later: Later | None
) -> tuple[RankedList, PageStart]:
    """The list that the call is about, and where in it the page begins."""
    if call.pinned is None:
        return _rank(call, shopper, later), PageStart()
    ranked, start = call.pinned
    return complete(ranked, call.terms, start.offset + call.limit), start


def _rank(call: SearchCall, shopper: Shopper, later: Later | None) -> RankedList:
    by_relevance = not call.terms.browses and call.terms.ordering == "relevance"
    is_personal = by_relevance and call.personalise and shopper.is_known
    return rank_products(call.terms, shopper=shopper if is_personal else None, later=later)


def _etag(body: dict[str, Any]) -> str:
    """A validator of all but the request's own id, which is another each time."""
    rest = [value for name, value in body.items() if name != "request_id"]
    return f'"{hashlib.blake2b(orjson.dumps(rest), digest_size=16).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer: what was asked by whom, and the page that was found."""

    request_id: uuid.UUID
    call: SearchCall
    shopper: Shopper
    ranked: RankedList
    start: PageStart
    page: SearchPage
    facets: Facets | None

    def render(self, here: str) -> dict[str, Any]:
        """The wire form; `here` is the URL that was asked."""
        rules = rules_for(self.call.terms)
        explain = self.call.explain
        body: dict[str, Any] = {
            "request_id": str(self.request_id),
            "results": [render_hit(hit, rules, explain=explain) for hit in self.page.hits],
            **render_signposts(rules),
            "next": self._link(here, self.page.following),
            "previous": self._link(here, self.page.preceding),
            "versions": render_versions(self.ranked, RANKING_VERSION),
        }
        body |= render_spelling(self.ranked.spelling)
        if self.facets:
            body["facets"] = render_facets(self.facets)
        return body

    def _link(self, here: str, start: PageStart | None) -> str | None:
        if start is None:
            return None
        call = self.call
        cursor = encode_cursor(call.terms, self.ranked, start, scores=call.explain)
        query = {"q": call.terms.query} if call.terms.query else {}
        return replace_parameters(here, **query, cursor=cursor)

    def to_log(self, duration_ms: float) -> AnsweredSearch:
        """What is kept of it."""
        return AnsweredSearch(
            request_id=self.request_id,
            query=self.call.terms.query,
            filters=render_filters(self.call.terms.filters),
            ordering=self.call.terms.ordering,
            visitor_id=self.shopper.for_log.visitor_id,
            customer_id=self.shopper.for_log.customer_id,
            offset=self.start.shown,
            product_ids=[hit.card.id for hit in self.page.hits],
            source=self.ranked.source,
            model_version=self.ranked.model_version,
            generation=self.ranked.generation,
            cached=self.ranked.cached,
            duration_ms=duration_ms,
        )
