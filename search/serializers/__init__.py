"""The wire shapes of search."""

from search.serializers.answers import (
    SOURCES,
    SearchAnswerSerializer,
    render_filters,
    render_hit,
    render_spelling,
    render_versions,
)

__all__ = [
    "SOURCES",
    "SearchAnswerSerializer",
    "render_filters",
    "render_hit",
    "render_spelling",
    "render_versions",
]
