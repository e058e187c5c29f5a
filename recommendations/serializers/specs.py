"""Placements themselves on the wire, both ways."""

from typing import Any

from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from catalogue.models import Brand, Category
from recommendations.algorithms.placements import MOST_SHOWN, Source, find_flaws
from recommendations.models import Placement

MOST_NAMED = 100


def _named(slugs: Any, help_text: str) -> serializers.ManyRelatedField:
    return serializers.SlugRelatedField(  # type: ignore[return-value]  # what many=True makes
        slug_field="slug", queryset=slugs, many=True, required=False, help_text=help_text
    )


class PlacementSerializer(StrictSerializer[Placement], serializers.ModelSerializer[Placement]):
    """A place that shows products: where they come from, in order, and which are left out."""

    sources = serializers.ListField(
        child=serializers.ChoiceField([str(one) for one in Source]), allow_empty=False,
        max_length=len(Source), help_text="Asked in turn until the page is full.",
    )  # fmt: skip
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_SHOWN, default=20,
        help_text="Products shown, unless the call says otherwise.",
    )  # fmt: skip
    categories = _named(
        Category.objects.all(), "Ids of categories: only these and what lies below them."
    )
    hidden_categories = _named(
        Category.objects.all(), "Ids of categories: never these, nor what lies below them."
    )
    brands = _named(Brand.objects.all(), "Ids of brands: only these.")
    price_min = serializers.DecimalField(14, 4, min_value=0, allow_null=True, default=None)
    price_max = serializers.DecimalField(14, 4, min_value=0, allow_null=True, default=None)
    max_per_category = serializers.IntegerField(
        min_value=1, max_value=MOST_SHOWN, allow_null=True, default=None,
        help_text="At most so many products of one category; null: any number.",
    )  # fmt: skip
    max_per_brand = serializers.IntegerField(
        min_value=1, max_value=MOST_SHOWN, allow_null=True, default=None,
        help_text="At most so many products of one brand; null: any number.",
    )  # fmt: skip

    class Meta:
        model = Placement
        fields = [
            "name", "description", "enabled", "is_standard", "anchor", "sources", "limit",
            "categories", "hidden_categories", "brands", "price_min", "price_max",
            "excludes_bought", "excludes_in_cart", "max_per_category", "max_per_brand",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = ["name", "is_standard", "updated_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse sources that can't serve such a place, and prices the wrong way round.

        What a whole placement leaves out is what the model has by default.
        """
        whole = self._defaults() | attrs
        errors: dict[str, str] = {}
        for field, advice in find_flaws(whole["anchor"], whole["sources"]):
            errors.setdefault(field, advice)
        low, high = whole["price_min"], whole["price_max"]
        if low is not None and high is not None and low > high:
            errors["price_max"] = "Give at least price_min."
        for field in ("categories", "hidden_categories", "brands"):
            if len(whole[field]) > MOST_NAMED:
                errors[field] = f"Name at most {MOST_NAMED}."
        if errors:
            raise serializers.ValidationError(errors)
        return whole

    @staticmethod
    def _defaults() -> dict[str, Any]:
        return {
            "description": "", "enabled": True, "anchor": "none", "excludes_bought": True,
            "excludes_in_cart": True, "categories": [], "hidden_categories": [], "brands": [],
        }  # fmt: skip
