"""A dry run of a rule on the wire."""

from typing import Any

from rest_framework import serializers

from api.rest.serializers import StrictSerializer
from catalogue.serializers import ProductSerializer
from search.serializers.answers import AppliedRuleSerializer, BannerSerializer, RedirectSerializer
from search.serializers.merchandising import RuleSerializer


class PreviewRequestSerializer(StrictSerializer[Any]):
    """The rule to try."""

    rule = RuleSerializer()
    replaces = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, allow_null=True,
        help_text="Id of the rule that it would take the place of.",
    )  # fmt: skip


class PreviewBeforeSerializer(serializers.Serializer[Any]):
    """A product as it stands now."""

    product = ProductSerializer()
    position = serializers.IntegerField()


class PreviewAfterSerializer(PreviewBeforeSerializer):
    """A product as it would stand."""

    was = serializers.IntegerField(allow_null=True, help_text="Null where it was not there.")
    rule = AppliedRuleSerializer(allow_null=True, help_text="What pinned or moved it.")


class PreviewAnswerSerializer(serializers.Serializer[Any]):
    """Both lists, and what would be shown beside the second."""

    applies = serializers.BooleanField(help_text="Whether the rule's condition holds at all.")
    before = PreviewBeforeSerializer(many=True)
    after = PreviewAfterSerializer(many=True)
    redirect = RedirectSerializer(allow_null=True)
    banner = BannerSerializer(allow_null=True)
