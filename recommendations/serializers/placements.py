"""The wire shape of recommendations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rest_framework import serializers

from catalogue.serializers import ProductSerializer, render_product
from events.models import EventType
from events.selectors import Deed
from recommendations.algorithms.placements import Source
from recommendations.selectors.placements import Page, Recommendation

SOURCES = tuple(str(source) for source in Source)
Deeds = Mapping[str, Sequence[Deed]]


class BecauseSerializer(serializers.Serializer[Any]):
    """A product that speaks for the recommended one, and its share in all that does."""

    product_id = serializers.CharField()
    share = serializers.FloatField()


class ReasonSerializer(serializers.Serializer[Any]):
    """Why: because of what the shopper did with these products, the strongest first."""

    because_of = BecauseSerializer(many=True)


class DeedSerializer(serializers.Serializer[Any]):
    """What the shopper did with a product, how often, and when last."""

    type = serializers.ChoiceField(choices=EventType.choices)
    count = serializers.IntegerField()
    last_at = serializers.DateTimeField()


class ExplainedBecauseSerializer(BecauseSerializer):
    """A product that speaks for the recommended one, and what the shopper did with it."""

    interactions = DeedSerializer(many=True)


class RecommendationExplanationSerializer(serializers.Serializer[Any]):
    """How a product came here, as `explain=true` tells.

    `rank` is its place in the list of its source, from 1, before filters, exclusions and caps.
    `computed_at` is when a list of the shopper's own was made.
    """

    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]  # DRF's `source`
    run = serializers.IntegerField(allow_null=True)
    rank = serializers.IntegerField()
    computed_at = serializers.DateTimeField(allow_null=True)
    because_of = ExplainedBecauseSerializer(many=True)


class RecommendationSerializer(serializers.Serializer[Any]):
    """A recommended product. `score` is relative to the best of the page, which has 1."""

    product = ProductSerializer()
    position = serializers.IntegerField()
    score = serializers.FloatField()
    reason = ReasonSerializer(required=False)
    explain = RecommendationExplanationSerializer(required=False)


class RecommendationsSerializer(serializers.Serializer[Any]):
    """An answer: where it came from, and the training run that was live (null before the first).

    `source` is the step of the placement's chain that gave the first product; where there is none
    at all, the last step.
    """

    request_id = serializers.UUIDField()
    placement = serializers.CharField()
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]  # DRF's `source`
    run = serializers.IntegerField(allow_null=True)
    results = RecommendationSerializer(many=True)


class RecommendedPageSerializer(serializers.Serializer[Any]):
    """Several placements, none of whose products is shown twice.

    Each has a `request_id` of its own, for events to name.
    """

    request_id = serializers.UUIDField()
    run = serializers.IntegerField(allow_null=True)
    placements = RecommendationsSerializer(many=True)


class Explainer:
    """Adds `explain` to each product: from which run, when made, and what the shopper did.

    `computed_at` is in PostgreSQL's words.
    """

    def __init__(self, deeds: Deeds, computed_at: str | None, run: int | None) -> None:
        self._deeds = deeds
        self._computed_at = datetime.fromisoformat(computed_at) if computed_at else None
        self._run = run

    def explain(self, one: Recommendation) -> dict[str, Any]:
        """The wire form of why `one` is there."""
        candidate = one.candidate
        return {
            "source": candidate.source.value,
            "run": self._run,
            "rank": candidate.rank,
            "computed_at": self._computed_at if candidate.source is Source.PERSONAL else None,
            "because_of": [
                {"product_id": product_id, "share": share,
                 "interactions": [_render_deed(deed) for deed in self._deeds.get(product_id, ())]}
                for product_id, share in one.reason
            ],
        }  # fmt: skip


def _render_deed(deed: Deed) -> dict[str, Any]:
    return {"type": deed.type, "count": deed.count, "last_at": deed.last_at}


def render_page(page: Page, request_id: str, explainer: Explainer | None = None) -> dict[str, Any]:
    """The wire form of an answer, without a pass over each field: this is a hot path."""
    return {
        "request_id": request_id,
        "placement": page.placement,
        "source": page.source,
        "run": page.run,
        "results": [
            _render(one, position, explainer) for position, one in enumerate(page.results, start=1)
        ],
    }


def _render(one: Recommendation, position: int, explainer: Explainer | None) -> dict[str, Any]:
    rendered = {
        "product": render_product(one.card), "position": position, "score": one.score,
    }  # fmt: skip
    if one.reason:
        because = [{"product_id": product_id, "share": share} for product_id, share in one.reason]
        rendered["reason"] = {"because_of": because}
    if explainer is not None:
        rendered["explain"] = explainer.explain(one)
    return rendered
