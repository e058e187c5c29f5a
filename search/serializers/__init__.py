"""The wire shapes of search."""

from search.serializers.answers import (
    SOURCES,
    SearchAnswerSerializer,
    render_effect,
    render_filters,
    render_hit,
    render_signposts,
    render_spelling,
    render_versions,
)

__all__ = [
    "SOURCES",
    "SearchAnswerSerializer",
    "render_effect",
    "render_filters",
    "render_hit",
    "render_signposts",
    "render_spelling",
    "render_versions",
]
