"""Synonyms, rules and blocked suggestions on the wire, both ways."""

from typing import Any

from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from catalogue.models import Brand, Category, Product
from search.algorithms.folding import fold_text
from search.algorithms.rule_checks import MAX_PLACES, check_action
from search.algorithms.synonyms import check_synonym
from search.models import (
    MAX_PHRASES,
    PHRASE_LENGTH,
    BlockedSuggestion,
    MerchandisingRule,
    RuleAction,
    Synonym,
)
from search.services.merchandising import save_rule

MAX_ACTIONS = 50


def _phrases(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=PHRASE_LENGTH), max_length=MAX_PHRASES, **options
    )


class SynonymSerializer(StrictSerializer[Synonym], serializers.ModelSerializer[Synonym]):
    """A synonym."""

    terms = _phrases(allow_empty=False)

    class Meta:
        model = Synonym
        fields = ["id", "direction", "phrase", "terms", "enabled", "created_at", "updated_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a synonym that says nothing."""
        whole = {"direction": "two_way", "phrase": "", "terms": []}
        if self.instance:
            whole = {name: getattr(self.instance, name) for name in whole}
        whole |= {name: attrs[name] for name in whole if name in attrs}
        errors = check_synonym(**whole)  # type: ignore[arg-type] # one type a field
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class RuleActionSerializer(StrictSerializer[RuleAction], serializers.ModelSerializer[RuleAction]):
    """What a rule does. Which fields go with which kind is told by the error."""

    product = serializers.SlugRelatedField(
        slug_field="public_id", queryset=Product.objects.all(), required=False, allow_null=True,
        help_text="Id of a product, in place of a description.",
    )  # fmt: skip
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), required=False, allow_null=True,
        help_text="Id of a category: products in it or below it.",
    )  # fmt: skip
    brand = serializers.SlugRelatedField(
        slug_field="slug", queryset=Brand.objects.all(), required=False, allow_null=True,
        help_text="Id of a brand.",
    )  # fmt: skip
    position = serializers.IntegerField(
        min_value=1, max_value=MAX_PLACES, required=False, allow_null=True, help_text="Of a pin."
    )
    places = serializers.IntegerField(
        min_value=1, max_value=MAX_PLACES, required=False, allow_null=True,
        help_text="By how many places boost moves up, and bury down.",
    )  # fmt: skip
    price_min = serializers.DecimalField(14, 4, min_value=0, required=False, allow_null=True)
    price_max = serializers.DecimalField(14, 4, min_value=0, required=False, allow_null=True)

    class Meta:
        model = RuleAction
        fields = [
            "kind", "product", "category", "brand", "attribute", "in_stock", "price_min",
            "price_max", "position", "places", "text", "image_url", "url",
        ]  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what the kind lacks or has no use for."""
        errors = check_action(attrs["kind"], attrs)
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class RuleSerializer(
    StrictSerializer[MerchandisingRule], serializers.ModelSerializer[MerchandisingRule]
):
    """A rule with its actions."""

    queries = _phrases(required=False, help_text="Any one of them; none: any query.")
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), required=False, allow_null=True,
        help_text="Id of the category that the search must be filtered by, or one above it.",
    )  # fmt: skip
    actions = RuleActionSerializer(  # type: ignore[call-arg] # of the list
        many=True, max_length=MAX_ACTIONS, allow_empty=False
    )

    class Meta:
        model = MerchandisingRule
        fields = [
            "id", "name", "queries", "match", "category", "priority", "enabled", "starts_at",
            "ends_at", "actions", "created_at", "updated_at",
        ]  # fmt: skip

    def validate_queries(self, queries: list[str]) -> list[str]:
        """Refuse what no query could ever agree with."""
        if not all(map(fold_text, queries)):
            raise serializers.ValidationError("Give queries of at least one letter or digit.")
        return queries

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a window that ends before it starts."""
        start, end = (
            attrs.get(name, getattr(self.instance, name, None)) for name in ("starts_at", "ends_at")
        )
        if start and end and end <= start:
            raise serializers.ValidationError({"ends_at": "It must end after it starts."})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> MerchandisingRule:
        """Store a new rule."""
        actions = validated_data.pop("actions")
        return save_rule(MerchandisingRule(**validated_data), actions)

    def update(
        self, instance: MerchandisingRule, validated_data: dict[str, Any]
    ) -> MerchandisingRule:
        """Store what was changed; actions that are given replace all that were there."""
        actions = validated_data.pop("actions", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return save_rule(instance, actions)


class BlockedSuggestionSerializer(
    StrictSerializer[BlockedSuggestion], serializers.ModelSerializer[BlockedSuggestion]
):
    """Words that are never suggested."""

    class Meta:
        model = BlockedSuggestion
        fields = ["id", "text", "note", "created_at"]
        read_only_fields = ["created_at"]

    def validate_text(self, text: str) -> str:
        """Refuse what no suggestion could ever hold."""
        if not fold_text(text):
            raise serializers.ValidationError("Give at least one letter or digit.")
        return text
