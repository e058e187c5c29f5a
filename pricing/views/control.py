"""Proposals, the kill switch and freezes, for a shop's back end."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.pagination import CursorPagination
from api.rest.parameters import parse_choice, reject_unknown_parameters
from api.rest.permissions import HasScope, credential_of
from api.rest.problems import InputError, InvalidInput
from catalogue.models import Category, Product
from pricing.models import PriceFreeze, PriceProposal, PricingSwitch
from pricing.serializers.control import (
    DecisionListSerializer,
    DecisionsRequestSerializer,
    FreezeRequestSerializer,
    FreezeSerializer,
    KillSwitchListSerializer,
    ProposalSerializer,
    SwitchRequestSerializer,
    render_proposal,
)
from pricing.services.freezing import freeze_product, unfreeze_product
from pricing.services.reviewing import approve_proposals, reject_proposals
from pricing.services.switching import kill_prices, resume_prices

STATES = ("all", *PriceProposal.State.values)


class PricingView(APIView):
    """What all of these need: a key that may."""

    permission_classes = [HasScope]
    read_scope = "prices:read"
    write_scope = "prices:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that mean nothing here."""
        super().initial(request, *args, **kwargs)
        reject_unknown_parameters(request, getattr(self, "parameters", ()))


def actor_of(request: Request) -> str:
    """Who acts, as it is kept: the key by its first characters."""
    credential = credential_of(request)
    return f"key {credential.prefix}" if credential else ""


class ProposalsView(PricingView, GenericAPIView[PriceProposal]):
    """Proposals."""

    parameters = ("state", "rule", "product_id", "limit", "cursor")
    pagination_class = CursorPagination
    serializer_class = ProposalSerializer
    queryset = PriceProposal.objects.none()

    @extend_schema(
        operation_id="list_price_proposals",
        summary="List price proposals",
        description="Newest first. Needs the scope prices:read.",
        parameters=[
            OpenApiParameter("state", str, enum=STATES, description="pending by default."),
            OpenApiParameter("rule", str, description="Of all versions of the rule of this name."),
            OpenApiParameter("product_id", str, description="Of this product's variants."),
        ],
        responses=ProposalSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """A page of proposals."""
        state = parse_choice(request.query_params, "state", STATES, "pending")
        rows = PriceProposal.objects.select_related("variant__product", "rule")
        # A variant that is gone leaves its proposals behind; they are no longer shown.
        rows = rows.filter(variant__product__isnull=False, **_chosen(request))
        page: Any = self.paginate_queryset(rows if state == "all" else rows.filter(state=state))
        return self.get_paginated_response([render_proposal(row) for row in page])


def _chosen(request: Request) -> dict[str, str]:
    """What the proposals are to have, as the query says."""
    columns = {"rule": "rule__name", "product_id": "variant__product__public_id"}
    return {
        columns[name]: request.query_params[name].replace("\x00", "")
        for name in columns
        if name in request.query_params
    }


class DecisionsView(PricingView):
    """Decisions on proposals."""

    @extend_schema(
        operation_id="decide_on_price_proposals",
        summary="Approve and reject proposals",
        description="Up to 500 of each. What is `applied` is committed and shown. `busy` ones can "
        "be sent again. Needs the scope prices:write.",
        request=DecisionsRequestSerializer,
        responses=DecisionListSerializer,
    )
    def post(self, request: Request) -> Response:
        """Decide, each by itself."""
        body = DecisionsRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        data, actor = body.validated_data, actor_of(request)
        decisions = [
            *approve_proposals(data["approve"], actor, data["reason"]),
            *reject_proposals(data["reject"], actor, data["reason"]),
        ]
        return Response({"decisions": [asdict(decision) for decision in decisions]})


class KillSwitchView(PricingView):
    """The kill switch."""

    @extend_schema(
        operation_id="get_kill_switches",
        summary="Show the kill switches",
        responses=KillSwitchListSerializer,
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """All of them, that of all prices first."""
        return Response(_switches())

    @extend_schema(
        operation_id="set_kill_switch",
        summary="Engage or release a kill switch",
        description="Engaged, every price returns to list price (or the floor, if higher) within "
        "seconds, and none can move. Needs the scope prices:write.",
        request=SwitchRequestSerializer,
        responses=KillSwitchListSerializer,
    )
    def put(self, request: Request) -> Response:
        """Flip it, and return prices at once."""
        body = SwitchRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        category = _category(data["category"])
        act = kill_prices if data["engaged"] else resume_prices
        act(actor_of(request), data["reason"], category)
        return Response(_switches())


def _category(slug: str | None) -> Category | None:
    if slug is None:
        return None
    category = None if "\x00" in slug else Category.objects.filter(slug=slug).first()
    if category is None:
        detail = "There is no such category."
        raise InvalidInput(InputError("unknown_category", detail, "/category"))
    return category


def _switches() -> dict[str, Any]:
    rows = PricingSwitch.objects.select_related("category").order_by("category__path")
    switches = [
        {
            "engaged": row.is_engaged,
            "category": row.category.slug if row.category else None,
            "changed_at": row.changed_at,
            "changed_by": row.changed_by,
            "reason": row.reason,
        }
        for row in rows
    ]
    return {"switches": sorted(switches, key=lambda switch: switch["category"] is not None)}


class FreezeView(PricingView):
    """A product's freeze."""

    @extend_schema(
        operation_id="get_price_freeze",
        summary="Show whether a product's prices are frozen",
        description="Needs the scope prices:read.",
        parameters=[OpenApiParameter("id", str, "path", description="The merchant's own id.")],
        responses=FreezeSerializer,
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the wire's name
        """As it is now."""
        freezes = PriceFreeze.objects.in_force(timezone.now())
        return Response(_frozen(id, freezes.filter(product=_product(id)).first()))

    @extend_schema(
        operation_id="set_price_freeze",
        summary="Freeze a product's prices, or let them move again",
        description="Frozen, only kill switch and floor move them. Needs the scope prices:write.",
        parameters=[OpenApiParameter("id", str, "path", description="The merchant's own id.")],
        request=FreezeRequestSerializer,
        responses=FreezeSerializer,
    )
    def put(self, request: Request, id: str) -> Response:  # noqa: A002 - the wire's name
        """Freeze or unfreeze."""
        body = FreezeRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        data, actor = body.validated_data, actor_of(request)
        product = _product(id)
        if data["frozen"]:
            return Response(
                _frozen(id, freeze_product(product, actor, data["reason"], data["until"]))
            )
        unfreeze_product(product, actor, data["reason"])
        return Response(_frozen(id, None))


def _product(public_id: str) -> Product:
    product = None if "\x00" in public_id else Product.objects.filter(public_id=public_id).first()
    if product is None:
        raise Http404
    return product


def _frozen(product_id: str, freeze: PriceFreeze | None) -> dict[str, Any]:
    """The wire form; `freeze` is the one in force, if any."""
    return {
        "product_id": product_id,
        "frozen": freeze is not None,
        "until": freeze.until if freeze else None,
        "reason": freeze.reason if freeze else "",
        "frozen_by": freeze.created_by if freeze else "",
    }
