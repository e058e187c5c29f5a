"""Endpoints of search."""

from search.views.answers import SearchView
from search.views.merchandising import BlockedSuggestionViewSet, RuleViewSet, SynonymViewSet
from search.views.preview import RulePreviewView
from search.views.suggestions import QueryReportView, SimilarProductsView, SuggestionsView

__all__ = [
    "BlockedSuggestionViewSet",
    "QueryReportView",
    "RulePreviewView",
    "RuleViewSet",
    "SearchView",
    "SimilarProductsView",
    "SuggestionsView",
    "SynonymViewSet",
]
