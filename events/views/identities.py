"""Let a visitor be a customer, and end or undo that; let two customers be one; note consent."""

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasKey, HasScope, credential_of
from api.rest.problems import InputError, InvalidInput, Problem, invalid_parameter
from customers.authentication import (
    CUSTOMER_ID,
    customer_of,
    identify_shopper,
    read_visitor_token,
    visitor_of,
)
from customers.exceptions import ErasedError, MergeError, UnknownCustomerError
from customers.models import ConsentRecord
from customers.serializers import (
    CUSTOMER_TOKEN_HEADER,
    SHOPPER_PARAMETERS,
    VISITOR_TOKEN_HEADER,
)
from customers.services import Consent
from events.serializers.identities import (
    ConsentStateSerializer,
    IdentifySerializer,
    IdentitySerializer,
    LogoutSerializer,
    MergedSerializer,
    MergeSerializer,
    SetConsentSerializer,
    UndoneLinkSerializer,
    UnlinkSerializer,
)
from events.services import identify_visitor, log_out, merge, note_consent, unlink, unmerge

WRITE = "customers:write"


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

        Earlier ones that counted for somebody else stay theirs. The customer is named by
        X-Customer-Token, or with a secret key by `customer_id`.
        """
        body = _read(request, IdentifySerializer)
        visitor_id = _visitor(request, body.get("visitor_token"))
        customer_id = _customer(request, body.get("customer_id"))
        if customer_id is None:
            detail = "Send X-Customer-Token, or with a secret key the id here."
            raise _required("customer_id", detail)
        try:
            link = identify_visitor(visitor_id, customer_id)
        except ErasedError as error:
            raise _erased(error) from None
        return Response(
            {"visitor_id": visitor_id, "customer_id": customer_id, "linked_at": link.linked_at}
        )


class LogoutView(APIView):
    """Who is nobody any more."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="log_out",
        summary="End a visitor's link",
        tags=["customers"],
        parameters=[VISITOR_TOKEN_HEADER],
        request=None,
        responses=LogoutSerializer,
    )
    def post(self, request: Request) -> Response:
        """What was done until now stays the customer's; what follows is the visitor's alone."""
        reject_unknown_parameters(request, ())
        visitor_id = _visitor(request, None)
        return Response({"visitor_id": visitor_id, "logged_out": log_out(visitor_id) is not None})


class UnlinkView(APIView):
    """A link that should never have been."""

    permission_classes = [HasScope]
    write_scope = WRITE

    @extend_schema(
        operation_id="unlink",
        summary="Undo a visitor's link",
        tags=["customers"],
        request=UnlinkSerializer,
        responses=UndoneLinkSerializer,
    )
    def post(self, request: Request) -> Response:
        """All is as it was before the link in force: its events too. Needs customers:write.

        Where that link had ended another, the other is in force again.
        """
        body = _read(request, UnlinkSerializer)
        link = unlink(body["visitor_id"])
        return Response(
            {
                "visitor_id": body["visitor_id"],
                "customer_id": None if link is None else link.customer.public_id,
            }
        )


class MergeView(APIView):
    """Two customers who are one."""

    permission_classes = [HasScope]
    write_scope = WRITE

    @extend_schema(
        operation_id="merge_customer",
        summary="Let a customer be another one",
        tags=["customers"],
        request=MergeSerializer,
        responses=MergedSerializer,
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """All that either did and does counts for the one it is merged into.

        Nothing is rewritten, so that it can be undone. Needs customers:write.
        """
        body = _read(request, MergeSerializer)
        try:
            found = merge(_checked(customer_id), _checked(body["into"], "into"))
        except MergeError as error:
            raise Problem(409, error.code, str(error)) from None
        except ErasedError as error:
            raise _erased(error) from None
        answer = {"customer_id": customer_id, "into": body["into"], "merged_at": found.merged_at}
        return Response(answer)

    @extend_schema(
        operation_id="unmerge_customer",
        summary="Undo a merge",
        tags=["customers"],
        responses={204: None},
    )
    def delete(self, request: Request, customer_id: str) -> Response:
        """Each is again who it was; 404 where the customer is not merged. Needs customers:write."""
        reject_unknown_parameters(request, ())
        try:
            found = unmerge(_checked(customer_id))
        except UnknownCustomerError:
            found = None
        if found is None:
            raise Http404
        return Response(status=204)


class ConsentView(APIView):
    """What shoppers allow."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="get_consent",
        summary="What the shopper allows",
        tags=["customers"],
        parameters=SHOPPER_PARAMETERS,
        responses=ConsentStateSerializer,
    )
    def get(self, request: Request) -> Response:
        """What device and customer allow together."""
        reject_unknown_parameters(request, ("customer_id",))
        shopper = identify_shopper(request)
        if shopper.visitor_id is None and shopper.customer_public_id is None:
            raise _nobody()
        return _state(request)

    @extend_schema(
        operation_id="set_consent",
        summary="Note what the shopper allows",
        tags=["customers"],
        parameters=[VISITOR_TOKEN_HEADER, CUSTOMER_TOKEN_HEADER],
        request=SetConsentSerializer,
        responses=ConsentStateSerializer,
    )
    def put(self, request: Request) -> Response:
        """For whoever the tokens name, the device and the customer; with a secret key by id.

        Without `analytics`, events are refused and not kept, but for purchases and returns that the
        shop itself sends. Without `personalisation`, nothing personal is learnt or shown. What is
        not told stays as it was. What either the device or the customer refuses is refused.
        """
        body = _read(request, SetConsentSerializer)
        consent = Consent(body.get("analytics"), body.get("personalisation"))
        if not consent.as_fields():
            raise _required("personalisation", "Say analytics or personalisation, true or false.")
        visitor_id = visitor_of(request)
        customer_id = _customer(request, body.get("customer_id"))
        if visitor_id is None and customer_id is None:
            raise _nobody()
        try:
            note_consent(consent, visitor_id, customer_id, said_by=_teller(request))
        except ErasedError as error:
            raise _erased(error) from None
        return _state(request, customer_id)


def _teller(request: Request) -> str:
    """Whether the shopper's token says it, or the shop by its secret key."""
    credential = credential_of(request)
    is_shop = credential is not None and credential.may(WRITE)
    return ConsentRecord.By.SHOP if is_shop else ConsentRecord.By.SHOPPER


def _state(request: Request, customer_id: str | None = None) -> Response:
    shopper = identify_shopper(request, customer_id)
    return Response({"analytics": shopper.analytics, "personalisation": shopper.personalisation})


def _read(request: Request, kind: type[Any]) -> dict[str, Any]:
    reject_unknown_parameters(request, ())
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found


def _visitor(request: Request, token: str | None) -> UUID:
    """The visitor whom the header, or else the body's `token`, proves."""
    visitor_id = visitor_of(request) or (read_visitor_token(token) if token else None)
    if visitor_id is None:
        raise _required("visitor_token", "Send X-Visitor-Token, or the token here.")
    return visitor_id


def _customer(request: Request, named: str | None) -> str | None:
    """The customer whom a secret key names, or else the token proves."""
    if named is not None:
        credential = credential_of(request)
        if credential is None or not credential.may(WRITE):
            message = f"customer_id needs a secret key with the scope {WRITE}."
            raise PermissionDenied(message, "secret_key_required")
        return _checked(named, "customer_id")
    return customer_of(request)


def _checked(customer_id: str, name: str | None = None) -> str:
    """`customer_id` where it can be one; `name` is its field, None for the path."""
    if CUSTOMER_ID.fullmatch(customer_id):
        return customer_id
    message = "A customer id has 1 to 128 characters and no control characters."
    if name is None:
        raise invalid_parameter("customer_id", message)
    raise InvalidInput(InputError("invalid", message, f"/{name}"))


def _required(name: str, detail: str) -> InvalidInput:
    return InvalidInput(InputError("required", detail, f"/{name}"))


def _nobody() -> Problem:
    detail = "Nobody is named: send X-Visitor-Token, X-Customer-Token, or with a secret key an id."
    return Problem(400, "shopper_required", detail)


def _erased(error: ErasedError) -> Problem:
    return Problem(403, "erased", str(error))
