"""Rules and campaigns, for a shop's back end."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api.rest.pagination import CursorPagination
from api.rest.problems import InputError, InvalidInput, invalid_parameter
from pricing.exceptions import RuleError
from pricing.models import PricingRule
from pricing.serializers.rules import PricingRuleSerializer
from pricing.services.ruling import retire_rule, save_rule
from pricing.views.control import PricingView, actor_of

NEEDS = "Needs a secret key with the scope prices:read to read, prices:write to change."

MAX_REASON = 500


class RulesView(PricingView, GenericAPIView[PricingRule]):
    """Rules."""

    parameters = ("limit", "cursor")
    pagination_class = CursorPagination
    serializer_class = PricingRuleSerializer
    queryset = PricingRule.objects.none()

    @extend_schema(
        operation_id="list_pricing_rules",
        summary="List pricing rules and campaigns",
        description=f"The current version of each, newest first. {NEEDS}",
        responses=PricingRuleSerializer(many=True),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """A page of current rules."""
        rows = PricingRule.objects.current().select_related("category", "brand", "product")
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(PricingRuleSerializer(page, many=True).data)


class RuleView(PricingView):
    """One rule, by name."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Why it is retired."""
        return ("reason",) if self.request.method == "DELETE" else ()

    @extend_schema(
        operation_id="get_pricing_rule",
        summary="Show a pricing rule",
        description=NEEDS,
        responses=PricingRuleSerializer,
    )
    def get(self, request: Request, name: str) -> Response:  # noqa: ARG002
        """Its current version."""
        rule = PricingRule.objects.current().filter(name=name.replace("\x00", "")).first()
        if rule is None:
            raise Http404
        return Response(PricingRuleSerializer(rule).data)

    @extend_schema(
        operation_id="put_pricing_rule",
        summary="Keep a pricing rule",
        description=f"Makes the next version of the rule, whole; the former is retired. {NEEDS}",
        request=PricingRuleSerializer,
        responses={201: PricingRuleSerializer},
    )
    def put(self, request: Request, name: str) -> Response:
        """Keep the next version."""
        body = PricingRuleSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rule = PricingRule(name=name, **body.validated_data)
        try:
            save_rule(rule, actor_of(request), rule.note)
        except RuleError as error:
            where = f"/{error.field}" if error.field else "/"
            raise InvalidInput(InputError("invalid", str(error), where)) from None
        return Response(PricingRuleSerializer(rule).data, 201)

    @extend_schema(
        operation_id="retire_pricing_rule",
        summary="Retire a pricing rule, or cancel a campaign",
        description=NEEDS,
        parameters=[OpenApiParameter("reason", str, description="Why; it is kept.")],
        responses={204: None},
    )
    def delete(self, request: Request, name: str) -> Response:
        """Let it govern no more."""
        reason = request.query_params.get("reason", "")
        if len(reason) > MAX_REASON or "\x00" in reason:
            raise invalid_parameter("reason", f"Give at most {MAX_REASON} characters, none NUL.")
        if not retire_rule(name.replace("\x00", ""), actor_of(request), reason):
            raise Http404
        return Response(status=204)
