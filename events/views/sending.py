"""Take events in, and let a visitor be a customer."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasKey, credential_of
from api.rest.problems import InputError, InvalidInput
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
    IdentifySerializer,
    IdentitySerializer,
)
from events.services import identify_visitor, record_events
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


class IdentifyView(APIView):
    """Who is whom."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="identify",
        summary="Link a visitor to a customer",
        tags=["customers"],
        parameters=[VISITOR_TOKEN_HEADER, CUSTOMER_TOKEN_HEADER],
        request=IdentifySerializer,
        responses=IdentitySerializer,
    )
    def post(self, request: Request) -> Response:
        """From now on the visitor's events, earlier ones too, count for the customer.

        The customer is named by X-Customer-Token, or with a secret key by `customer_id`.
        """
        reject_unknown_parameters(request, ())
        body = IdentifySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        visitor_id = _visitor(request, body.validated_data.get("visitor_token"))
        if visitor_id is None:
            raise _required("visitor_token", "Send X-Visitor-Token, or the token here.")
        customer_id = _customer(request, body.validated_data.get("customer_id"))
        link = identify_visitor(visitor_id, customer_id)
        return Response(
            {"visitor_id": visitor_id, "customer_id": customer_id, "linked_at": link.linked_at}
        )


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


def _customer(request: Request, named: str | None) -> str:
    if named is not None:
        credential = credential_of(request)
        if credential is None or not credential.may("customers:write"):
            message = "customer_id needs a secret key with the scope customers:write."
            raise PermissionDenied(message, "secret_key_required")
        return named
    customer_id = customer_of(request)
    if customer_id is None:
        raise _required("customer_id", "Send X-Customer-Token, or with a secret key the id here.")
    return customer_id


def _required(name: str, detail: str) -> InvalidInput:
    return InvalidInput(InputError("required", detail, f"/{name}"))
