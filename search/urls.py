"""URLs of search, under /v1."""

from typing import Any

from django.urls import URLPattern, path

from search.views import (
    BlockedSuggestionViewSet,
    QueryReportView,
    RulePreviewView,
    RuleViewSet,
    SearchView,
    SimilarProductsView,
    SuggestionsView,
    SynonymViewSet,
)

_MANY = {"get": "list", "post": "create"}
_ONE = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def _collection(route: str, view: Any) -> list[URLPattern]:
    """A list, and each of its rows by number."""
    name = route.rpartition("/")[2]
    return [
        path(route, view.as_view(_MANY), name=name),
        path(f"{route}/<int:pk>", view.as_view(_ONE), name=name.removesuffix("s")),
    ]


urlpatterns = [
    path("search", SearchView.as_view(), name="search"),
    path("search/suggestions", SuggestionsView.as_view(), name="suggestions"),
    path("search/reports/queries", QueryReportView.as_view(), name="query-report"),
    path("products/<str:id>/similar", SimilarProductsView.as_view(), name="similar-products"),
    path("search/rules/preview", RulePreviewView.as_view(), name="rule-preview"),
    *_collection("search/synonyms", SynonymViewSet),
    *_collection("search/rules", RuleViewSet),
    *_collection("search/blocked-suggestions", BlockedSuggestionViewSet),
]
