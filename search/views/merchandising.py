"""What merchandisers decide, by API: synonyms, rules, blocked suggestions."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from api.rest.pagination import CursorPagination
from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasScope
from search.models import BlockedSuggestion, MerchandisingRule, Synonym
from search.serializers.merchandising import (
    BlockedSuggestionSerializer,
    RuleSerializer,
    SynonymSerializer,
)

NEEDS = "Needs a secret key with the scope search:read to read, search:write to change."


class OldestFirst(CursorPagination):
    """Pages in the order of making."""

    ordering = "id"


class DecisionViewSet(
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet[Any],
):
    """Rows that merchandisers write; searches follow within about a second."""

    permission_classes = [HasScope]
    read_scope = "search:read"
    write_scope = "search:write"
    pagination_class = OldestFirst
    filter_backends = []
    lookup_value_converter = "int"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that mean nothing here."""
        super().initial(request, *args, **kwargs)
        is_list = request.method in {"GET", "HEAD"} and not kwargs
        reject_unknown_parameters(request, ("limit", "cursor") if is_list else ())


def described(noun: str, plural: str, **extra: str) -> Any:
    """Names and summaries of the six operations for OpenAPI."""
    slug, slugs = noun.replace(" ", "_"), plural.replace(" ", "_")
    summaries = {
        "list": (f"list_{slugs}", f"List {plural}"),
        "create": (f"create_{slug}", f"Create a {noun}"),
        "retrieve": (f"retrieve_{slug}", f"Show a {noun}"),
        "update": (f"replace_{slug}", f"Replace a {noun}"),
        "partial_update": (f"change_{slug}", f"Change a {noun}"),
        "destroy": (f"delete_{slug}", f"Delete a {noun}"),
    }
    return extend_schema_view(
        **{
            action: extend_schema(
                operation_id=operation,
                summary=summary,
                description=f"{extra.get(action, '')}{NEEDS}",
            )
            for action, (operation, summary) in summaries.items()
        }
    )


@described("synonym", "synonyms")
class SynonymViewSet(DecisionViewSet):
    """Phrases that mean the same."""

    queryset = Synonym.objects.all()
    serializer_class = SynonymSerializer


@described("search rule", "search rules")
class RuleViewSet(DecisionViewSet):
    """Rules that pin, hide, boost, bury, filter, redirect and show banners."""

    queryset = MerchandisingRule.objects.select_related("category").prefetch_related(
        "actions__product", "actions__category", "actions__brand"
    )
    serializer_class = RuleSerializer


@described("blocked suggestion", "blocked suggestions")
class BlockedSuggestionViewSet(DecisionViewSet):
    """Words that are never suggested."""

    queryset = BlockedSuggestion.objects.all()
    serializer_class = BlockedSuggestionSerializer
