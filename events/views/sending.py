"""Take events in."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasKey, credential_of
from customers.authentication import customer_of, read_visitor_token, visitor_of
from customers.serializers import CUSTOMER_TOKEN_HEADER, VISITOR_TOKEN_HEADER
from events.algorithms.bots import is_declared_bot
from events.algorithms.lines import Sender
from events.authentication import BeaconKeyAuthentication
from events.serializers.batches import Envelope, read_envelope, render_outcomes
from events.serializers.bodies import JSONBatchParser, PlainTextBatchParser
from events.serializers.schema import (
    BatchOutcomeSerializer,
    EventBatchSerializer,
)
from events.services import record_events
from partners.authentication import ApiKeyAuthentication


class EventsView(APIView):
    """What shoppers do."""

    authentication_classes = [ApiKeyAuthentication, BeaconKeyAuthentication]
    permission_classes = [HasKey]
    parser_classes = [JSONBatchParser, PlainTextBatchParser]

    @extend_schema(
        operation_id="send_events",
        summary="Send events",
        parameters=[VISITOR_TOKEN_HEADER, CUSTOMER_TOKEN_HEADER],
        # A beacon's text/plain is left out: generators make two bodies of it.
        request={"application/json": EventBatchSerializer},
        responses=BatchOutcomeSerializer,
    )
    def post(self, request: Request) -> Response:
        """Store 1 to 1,000 events, each once however often it is sent.

        At most 2 MiB; Content-Encoding: gzip is read, and counts unpacked.

        The answer is 200 even where every event is rejected: see each outcome. What it calls
        stored or duplicate is committed. After a 503 nothing is; send the same batch again.
        """
        reject_unknown_parameters(request, ("key",))
        envelope = read_envelope(request)
        sender = _sender(request, envelope)
        outcomes = record_events(envelope.events, sender, sent_at=envelope.sent_at)
        return Response(render_outcomes(outcomes))


def _sender(request: Request, envelope: Envelope) -> Sender:
    credential = credential_of(request)
    trusted = credential is not None and credential.may("events:write")
    user_agent = request.headers.get("User-Agent", "")
    return Sender(
        trusted,
        _visitor(request, envelope.visitor_token),
        customer_of(request),
        is_bot=not trusted and is_declared_bot(user_agent),
    )


def _visitor(request: Request, token: str | None) -> UUID | None:
    """The visitor whom the header, or else the body's `token`, proves."""
    return visitor_of(request) or (read_visitor_token(token) if token else None)
