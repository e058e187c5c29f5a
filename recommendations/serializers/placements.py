"""The wire shape of recommendations."""

from typing import Any

from rest_framework import serializers

from catalogue.serializers import ProductSerializer, render_product
from recommendations.selectors.placements import PLACEMENTS, Page, Recommendation

SOURCES = ("personal", "session_similar", "product_similar", "category_popular", "popular")


class BecauseSerializer(serializers.Serializer[Any]):
    """A product that speaks for the recommended one, and its share in all that does."""

    product_id = serializers.CharField()
    share = serializers.FloatField()


class ReasonSerializer(serializers.Serializer[Any]):
    """Why: because of what the shopper did with these products, the strongest first."""

    because_of = BecauseSerializer(many=True)


class RecommendationSerializer(serializers.Serializer[Any]):
    """A recommended product. `score` is relative to the best of the page, which has 1."""

    product = ProductSerializer()
    position = serializers.IntegerField()
    score = serializers.FloatField()
    reason = ReasonSerializer(required=False)


class RecommendationsSerializer(serializers.Serializer[Any]):
    """An answer: where it came from, and the training run that was live (null before the first)."""

    request_id = serializers.UUIDField()
    placement = serializers.ChoiceField(choices=PLACEMENTS)
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]  # DRF's `source`
    run = serializers.IntegerField(allow_null=True)
    results = RecommendationSerializer(many=True)


def render_page(page: Page, placement: str, request_id: str) -> dict[str, Any]:
    """The wire form of an answer, without a pass over each field: this is a hot path."""
    return {
        "request_id": request_id,
        "placement": placement,
        "source": page.source,
        "run": page.run,
        "results": [_render(one, position) for position, one in enumerate(page.results, start=1)],
    }


def _render(one: Recommendation, position: int) -> dict[str, Any]:
    rendered = {"product": render_product(one.card), "position": position, "score": one.score}
    if one.reason:
        because = [{"product_id": product_id, "share": share} for product_id, share in one.reason]
        rendered["reason"] = {"because_of": because}
    return rendered
