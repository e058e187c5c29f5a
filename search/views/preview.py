"""`POST /v1/search/rules/preview`: what a rule would make of a search."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.permissions import HasScope
from api.rest.problems import invalid_parameter
from catalogue.serializers import render_product
from search.filters import parse_search
from search.models import MerchandisingRule, RuleAction
from search.selectors.preview import PreviewHit, preview_rule
from search.selectors.terms import ORDERINGS
from search.serializers import render_effect, render_signposts
from search.serializers.preview import PreviewAnswerSerializer, PreviewRequestSerializer
from search.views.answers import FILTER_PARAMETERS, QUERY_PARAMETER

# What a dry run is not about: nobody asks, and there is one page.
_MEANINGLESS = ("cursor", "personalise", "customer_id", "explain")


class RulePreviewView(APIView):
    """A dry run."""

    permission_classes = [HasScope]
    read_scope = "search:read"
    # It changes nothing: who may read may ask.
    write_scope = "search:read"

    @extend_schema(
        operation_id="preview_search_rule",
        summary="Dry run of a rule",
        description=(
            "The list that a search shows now, and the one that it would show with the rule of the "
            "body in force, whatever its window says. Nothing is stored, logged or cached. The "
            "parameters are those of a search. Needs a secret key with the scope search:read."
        ),
        parameters=[
            QUERY_PARAMETER,
            OpenApiParameter("limit", int, description="1 to 100; 24 by default."),
            *FILTER_PARAMETERS,
            OpenApiParameter("ordering", str, enum=ORDERINGS, description="Default: relevance."),
        ],
        request=PreviewRequestSerializer,
        responses=PreviewAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        """Parse both, arrange both, answer."""
        for name in _MEANINGLESS:
            if name in request.query_params:
                raise invalid_parameter(name, "A dry run has no use for it.", "unknown_parameter")
        call = parse_search(request)
        body = PreviewRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = dict(body.validated_data["rule"])
        actions = [RuleAction(**one) for one in fields.pop("actions")]
        preview = preview_rule(
            call.terms, MerchandisingRule(**fields), actions, call.limit,
            replaces=body.validated_data.get("replaces") or 0,
        )  # fmt: skip
        return Response(
            {
                "applies": preview.applies,
                "before": [_render(hit) for hit in preview.before],
                "after": [
                    _render(hit) | {"was": hit.was, "rule": render_effect(hit.effect)}
                    for hit in preview.after
                ],
                **render_signposts(preview.rules),
            }
        )


def _render(hit: PreviewHit) -> dict[str, Any]:
    return {"product": render_product(hit.card), "position": hit.position}
