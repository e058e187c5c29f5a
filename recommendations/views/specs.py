"""Placements as rows, for a shop's back end: listed, kept, deleted."""

import re
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.pagination import CursorPagination
from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasScope
from api.rest.problems import Problem, invalid_parameter
from recommendations.exceptions import StandardPlacementError
from recommendations.models import Placement
from recommendations.models.placements import NAME_LENGTH, NAME_PATTERN
from recommendations.selectors.specs import load_rows
from recommendations.serializers.specs import PlacementSerializer
from recommendations.services.placements import delete_placement, save_placement

NEEDS = "Needs a secret key with the scope recommendations:write."
NAME = OpenApiParameter("name", str, "path", description="The placement's name.")


class ByName(CursorPagination):
    """Pages in the order of names."""

    ordering = "name"


class PlacementsView(GenericAPIView[Placement]):
    """The places of a shop's pages."""

    permission_classes = [HasScope]
    write_scope = "recommendations:write"
    pagination_class = ByName
    serializer_class = PlacementSerializer
    queryset = Placement.objects.none()

    @extend_schema(
        operation_id="list_placements",
        summary="List placements",
        description=f"All of them, those that are switched off, too. {NEEDS}",
        tags=["recommendations"],
    )
    def get(self, request: Request) -> Response:
        """A page of placements."""
        reject_unknown_parameters(request, ("limit", "cursor"))
        page: Any = self.paginate_queryset(load_rows())
        return self.get_paginated_response(PlacementSerializer(page, many=True).data)


class PlacementView(APIView):
    """One placement, by name."""

    permission_classes = [HasScope]
    write_scope = "recommendations:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters, of which there are none."""
        super().initial(request, *args, **kwargs)
        reject_unknown_parameters(request, ())

    @extend_schema(
        operation_id="get_placement",
        summary="Show a placement",
        description=NEEDS,
        parameters=[NAME],
        responses=PlacementSerializer,
        tags=["recommendations"],
    )
    def get(self, request: Request, name: str) -> Response:  # noqa: ARG002
        """The placement as it stands."""
        return Response(PlacementSerializer(_find(name)).data)

    @extend_schema(
        operation_id="put_placement",
        summary="Keep a placement",
        description=(
            "Makes the placement, or changes it, whole: what is left out is as by default. Every "
            f"process follows within a second. {NEEDS}"
        ),
        parameters=[NAME],
        request=PlacementSerializer,
        responses={200: PlacementSerializer, 201: PlacementSerializer},
        tags=["recommendations"],
    )
    def put(self, request: Request, name: str) -> Response:
        """Keep the placement."""
        if len(name) > NAME_LENGTH or not re.fullmatch(NAME_PATTERN, name):
            detail = f"Use a-z, 0-9 and single hyphens, at most {NAME_LENGTH} in all."
            raise invalid_parameter("name", detail)
        body = PlacementSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        placement, is_new = save_placement(name, body.validated_data)
        return Response(PlacementSerializer(placement).data, 201 if is_new else 200)

    @extend_schema(
        operation_id="delete_placement",
        summary="Delete a placement",
        description=(
            f"A standard one can't be deleted, for front ends name it: switch it off. {NEEDS}"
        ),
        parameters=[NAME],
        responses={204: None},
        tags=["recommendations"],
    )
    def delete(self, request: Request, name: str) -> Response:  # noqa: ARG002
        """Let there be no such place."""
        try:
            delete_placement(_find(name))
        except StandardPlacementError as error:
            raise Problem(409, "standard_placement", str(error)) from None
        return Response(status=204)


def _find(name: str) -> Placement:
    placement = load_rows().filter(name=name.replace("\x00", "")).first()
    if placement is None:
        raise Http404
    return placement
