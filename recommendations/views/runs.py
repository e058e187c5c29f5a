"""Training runs: look at them, make one live, roll back."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import credential_of
from api.rest.problems import Problem
from recommendations.exceptions import UnknownRunError
from recommendations.models import ActiveRun, TrainingRun
from recommendations.selectors.runs import live_run
from recommendations.serializers.runs import (
    LiveRunSerializer,
    TrainingRunSerializer,
    render_run,
)
from recommendations.services.activation import activate_run, roll_back

RUN_ID = OpenApiParameter("run_id", int, "path", description="The run's number.")


class MayManageRuns(BasePermission):
    """A secret key with the scope recommendations:write."""

    message = "Training runs need a secret key with the scope recommendations:write."
    code = "secret_key_required"

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Whether the key of `request` was given the scope."""
        credential = credential_of(request)
        return credential is not None and credential.may("recommendations:write")


@extend_schema_view(
    list=extend_schema(
        operation_id="list_training_runs",
        summary="List training runs",
        description="The newest first, refused and failed ones with the reason.",
        tags=["recommendations"],
    ),
    retrieve=extend_schema(
        operation_id="retrieve_training_run",
        summary="Show a training run",
        tags=["recommendations"],
        parameters=[RUN_ID],
    ),
)
class TrainingRunViewSet(GenericViewSet[TrainingRun]):
    """What was trained, and how good it is."""

    permission_classes = [MayManageRuns]
    queryset = TrainingRun.objects.order_by("-pk")
    serializer_class = TrainingRunSerializer

    def list(self, request: Request) -> Response:
        """A page of runs."""
        reject_unknown_parameters(request, {"limit", "cursor"})
        runs: Any = self.paginate_queryset(self.get_queryset())
        live = _live_id()
        return self.get_paginated_response([render_run(run, live) for run in runs])

    def retrieve(self, request: Request, run_id: int) -> Response:
        """One run."""
        reject_unknown_parameters(request, ())
        run = self.get_queryset().filter(pk=run_id).first()
        if run is None:
            raise Http404
        return Response(render_run(run, _live_id()))


class TrainingRunActivationView(APIView):
    """Make a run live."""

    permission_classes = [MayManageRuns]

    @extend_schema(
        operation_id="activate_training_run",
        summary="Make a training run live",
        description=(
            "In one transaction, on record with the key's prefix; every process serves it within "
            "5 seconds. 409 `run_not_ready` for a run that was refused, failed or pruned."
        ),
        tags=["recommendations"],
        request=None,
        parameters=[RUN_ID],
        responses=LiveRunSerializer,
    )
    def post(self, request: Request, run_id: int) -> Response:
        """Flip the pointer."""
        reject_unknown_parameters(request, ())
        if not TrainingRun.objects.filter(pk=run_id).exists():
            raise Http404
        try:
            activate_run(run_id, _actor(request))
        except UnknownRunError as error:
            raise Problem(status.HTTP_409_CONFLICT, "run_not_ready", str(error)) from None
        return _live_now()


class RollBackView(APIView):
    """Undo the last activation."""

    permission_classes = [MayManageRuns]

    @extend_schema(
        operation_id="roll_back_training_run",
        summary="Make the run before the live one live again",
        description=(
            "As activating it does. 409 `nothing_to_roll_back_to` where no run was live before."
        ),
        tags=["recommendations"],
        request=None,
        responses=LiveRunSerializer,
    )
    def post(self, request: Request) -> Response:
        """Flip the pointer back."""
        reject_unknown_parameters(request, ())
        try:
            roll_back(_actor(request))
        except UnknownRunError as error:
            code = "nothing_to_roll_back_to"
            raise Problem(status.HTTP_409_CONFLICT, code, str(error)) from None
        return _live_now()


def _actor(request: Request) -> str:
    credential = credential_of(request)
    return f"key: {credential.prefix}" if credential else "key"


def _live_id() -> int | None:
    run = live_run()
    return run.pk if run else None


def _live_now() -> Response:
    active = ActiveRun.objects.get()
    return Response({"run": active.run_id, "replaced": active.previous_id})
