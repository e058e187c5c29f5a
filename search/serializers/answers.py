"""The wire shape of a search's answer."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from catalogue.selectors import ProductFilters
from catalogue.serializers import ProductSerializer, render_product
from search.algorithms.fusion import explain_score
from search.algorithms.rules import Effect, Rule, first_of
from search.algorithms.spelling import Spelling
from search.selectors.effects import effect_of
from search.selectors.merchandising import read_merchandising
from search.selectors.pages import Hit, SearchPage
from search.selectors.ranking import RankedList, fusion_settings
from search.serializers.facets import FacetsSerializer

APPLIED = ("pin", "boost", "bury")
SOURCES = ("hybrid", "keyword", "browse")


class FusionSharesSerializer(serializers.Serializer[dict[str, float]]):
    """What each part adds to the fused score."""

    semantic_rank = serializers.FloatField()
    keyword_rank = serializers.FloatField()
    similarity = serializers.FloatField()
    keyword_score = serializers.FloatField()
    kind = serializers.FloatField()


class AppliedRuleSerializer(serializers.Serializer[Effect]):
    """What a merchandising rule did to a product."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="Empty where the rule is not in force any more.")
    action = serializers.ChoiceField(APPLIED)
    places = serializers.IntegerField(help_text="Up, or down where negative; 0 for a pin.")


class RedirectSerializer(serializers.Serializer[Any]):
    """Where shoppers are to be sent instead of seeing the list."""

    url = serializers.CharField()
    rule_id = serializers.IntegerField()


class BannerSerializer(serializers.Serializer[Any]):
    """What is to be shown above the list; it has a text or an image."""

    text = serializers.CharField()
    image_url = serializers.CharField()
    url = serializers.CharField(help_text="Where it leads.")
    rule_id = serializers.IntegerField()


class ExplanationSerializer(serializers.Serializer[Hit]):
    """Why a product stands where it does. Ranks are null where that search missed it."""

    semantic_rank = serializers.IntegerField(allow_null=True)
    keyword_rank = serializers.IntegerField(allow_null=True)
    similarity = serializers.FloatField(
        allow_null=True, help_text="Cosine between the query's vector and the product's."
    )
    keyword_score = serializers.FloatField(
        allow_null=True,
        help_text="BM25, as a share of what one mention of every word of the query gives.",
    )
    kind = serializers.BooleanField(
        help_text="Whether it is what the query names: a case for `iphone case`, not an iPhone."
    )
    exact = serializers.BooleanField(help_text="Whether the query is its id or sku.")
    fused_score = serializers.FloatField(
        help_text="From both ranks (reciprocal, weighted), the similarity, the keyword score and "
        "the kind."
    )
    shares = FusionSharesSerializer(help_text="The fused score, part by part.")
    personal_places = serializers.FloatField(
        help_text="By how many places the shopper's taste lifts it: 0 to 10."
    )
    rule = AppliedRuleSerializer(
        allow_null=True, help_text="The merchandising rule that pinned or moved it."
    )


class SearchResultSerializer(serializers.Serializer[Hit]):
    """A product that was found."""

    product = ProductSerializer()
    position = serializers.IntegerField(help_text="From 1, over all pages.")
    score = serializers.FloatField()
    topped_up = serializers.BooleanField(
        required=False,
        help_text="Given and true where the filters left few: near in meaning and within the "
        "filters, but not of the query's result set, and not counted in facets.",
    )
    explain = ExplanationSerializer(required=False)


class SearchVersionsSerializer(serializers.Serializer[RankedList]):
    """What produced the answer."""

    source = serializers.ChoiceField(  # type: ignore[assignment] # Field.source is not the wire's
        SOURCES,
        help_text=(
            "hybrid: by meaning and by words. keyword: by words alone, since no model or no "
            "embedding is at hand. browse: the query is empty, or says only what to leave out."
        ),
    )
    index = serializers.IntegerField(help_text="Generation of the index.")
    model = serializers.CharField(allow_null=True, help_text="Null where none had a say.")
    ranking = serializers.CharField()
    merchandising = serializers.IntegerField(help_text="Of synonyms and rules.")


class SearchAnswerSerializer(serializers.Serializer[SearchPage]):
    """A page of results; `next` keeps to the list that this page began."""

    request_id = serializers.UUIDField(help_text="Events may name it: which answer led here.")
    results = SearchResultSerializer(many=True)
    redirect = RedirectSerializer(allow_null=True)
    banner = BannerSerializer(allow_null=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    versions = SearchVersionsSerializer()
    corrected_query = serializers.CharField(
        required=False,
        help_text="What was searched for instead, where no product has a word of the query.",
    )
    did_you_mean = serializers.CharField(
        required=False,
        help_text="A likelier spelling of the query; corrected_query, where that is given.",
    )
    facets = FacetsSerializer(required=False, help_text="Where they were asked for.")


def render_hit(hit: Hit, rules: Sequence[Rule], *, explain: bool) -> dict[str, Any]:
    """The wire form of a result, without a pass over each field: this is a hot path."""
    result = {
        "product": render_product(hit.card),
        "position": hit.position,
        "score": round(hit.candidate.score, 6),
    }
    if hit.candidate.topped_up:
        result["topped_up"] = True
    if explain:
        result["explain"] = render_explanation(hit, rules)
    return result


def render_explanation(hit: Hit, rules: Sequence[Rule]) -> dict[str, Any]:
    """The wire form of why `hit` stands where it does."""
    found = hit.candidate
    return {
        "semantic_rank": found.semantic_rank or None,
        "keyword_rank": found.keyword_rank or None,
        "similarity": round(found.similarity, 4) if found.similarity else None,
        "keyword_score": round(found.keyword_score, 4) if found.keyword_score else None,
        "kind": found.kind,
        "exact": found.exact,
        "fused_score": round(found.score, 6),
        "shares": {
            name: round(share, 6) for name, share in explain_score(found, fusion_settings()).items()
        },
        "personal_places": round(found.personal, 2),
        "rule": render_effect(effect_of(found, rules)),
    }


def render_spelling(spelling: Spelling) -> dict[str, Any]:
    """The wire form of what a query may have meant; empty where nothing is to be said."""
    if spelling.corrected:
        return {"corrected_query": spelling.corrected, "did_you_mean": spelling.corrected}
    return {"did_you_mean": spelling.did_you_mean} if spelling.did_you_mean else {}


def render_effect(effect: Effect | None) -> dict[str, Any] | None:
    """The wire form of what a rule did."""
    if effect is None:
        return None
    return {
        "id": effect.rule_id, "name": effect.rule, "action": effect.action, "places": effect.places,
    }  # fmt: skip


def render_signposts(rules: Sequence[Rule]) -> dict[str, Any]:
    """The wire form of the redirect and the banner that have their way; null for none."""
    redirect, banner = first_of(rules, "redirect"), first_of(rules, "banner")
    return {
        "redirect": redirect and {"url": redirect[1].url, "rule_id": redirect[0].id},
        "banner": banner
        and {
            "text": banner[1].text, "image_url": banner[1].image_url, "url": banner[1].url,
            "rule_id": banner[0].id,
        },
    }  # fmt: skip


def render_versions(ranked: RankedList, ranking: str) -> dict[str, Any]:
    """The wire form of what produced an answer."""
    return {
        "source": ranked.source,
        "index": ranked.generation,
        "model": ranked.model_version or None,
        "ranking": ranking,
        "merchandising": read_merchandising().version,
    }


def render_filters(filters: ProductFilters) -> dict[str, Any]:
    """The filters that were given, by the names of their parameters."""
    given: dict[str, Any] = {
        "category": filters.category,
        "brand": list(filters.brands) or None,
        "price_min": None if filters.price_min is None else str(filters.price_min),
        "price_max": None if filters.price_max is None else str(filters.price_max),
        "in_stock": filters.in_stock,
        "attribute": [":".join(pair) for pair in filters.attributes] or None,
    }
    return {name: value for name, value in given.items() if value is not None}
