"""How much of what there was, for dashboards."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.permissions import HasSecretKey
from events.selectors import summarise_events
from events.serializers.summaries import (
    SUMMARY_PARAMETERS,
    EventSummarySerializer,
    read_span,
    render_summary,
)


class EventSummaryView(APIView):
    """Counts of the log."""

    permission_classes = [HasSecretKey]

    @extend_schema(
        operation_id="summarise_events",
        summary="Count events by type and rejections by reason",
        parameters=SUMMARY_PARAMETERS,
        responses=EventSummarySerializer,
    )
    def get(self, request: Request) -> Response:
        """Counts of each hour or day (UTC). Needs a secret key.

        Events count when they occurred, rejected ones when they came. What was stored before
        `as_of` is counted; that is mostly no longer ago than two minutes.
        """
        span = read_span(request)
        summary = summarise_events(span.start, span.end, by=span.by, types=span.types)
        return Response(render_summary(span, summary))
