"""Visitors; and what is kept of somebody, erased and shown."""

from collections.abc import Iterator
from uuid import UUID

import orjson
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasKey, HasScope
from api.rest.problems import InputError, InvalidInput, invalid_parameter
from customers.authentication import CUSTOMER_ID, sign_visitor_token, visitor_of
from customers.models import Customer, Erasure
from customers.serializers import (
    VISITOR_TOKEN_HEADER,
    ErasureSerializer,
    NewVisitorSerializer,
)
from customers.services import (
    Person,
    all_holdings,
    create_visitor,
    erase_customer,
    erase_visitor,
    find_person,
)

CUSTOMER_ID_PART = OpenApiParameter(
    "customer_id", str, OpenApiParameter.PATH, description="The merchant's id."
)
ERASED = {200: ErasureSerializer, 202: ErasureSerializer}


class VisitorsView(APIView):
    """Anonymous shoppers."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="create_visitor",
        summary="Create an anonymous visitor",
        request=None,
        responses={201: NewVisitorSerializer},
    )
    def post(self, request: Request) -> Response:
        """A new visitor and its token, which the device keeps."""
        reject_unknown_parameters(request, ())
        visitor = create_visitor()
        answer = {"visitor_id": visitor.pk, "token": sign_visitor_token(visitor.pk)}
        return Response(answer, status.HTTP_201_CREATED)


class VisitorErasureView(APIView):
    """A visitor, gone."""

    permission_classes = [HasKey]

    @extend_schema(
        operation_id="erase_visitor",
        summary="Erase the visitor of the token",
        tags=["visitors"],
        parameters=[VISITOR_TOKEN_HEADER],
        request=None,
        responses=ERASED,
    )
    def post(self, request: Request) -> Response:
        """Remove all that is kept of the visitor, and refuse whatever comes of it later.

        What counts for a customer whom it was linked to stays theirs, without the visitor. The
        token is refused from then on, save here: again gives the same receipt. 202 where that is
        so much that a worker goes on with it.
        """
        reject_unknown_parameters(request, ())
        visitor_id = visitor_of(request)
        if visitor_id is None:
            raise InvalidInput(
                InputError("required", "Send X-Visitor-Token.", None, "X-Visitor-Token")
            )
        return _receipt(erase_visitor(visitor_id))


class CustomerErasureView(APIView):
    """A customer, gone."""

    permission_classes = [HasScope]
    write_scope = "privacy:write"

    @extend_schema(
        operation_id="erase_customer",
        summary="Erase a customer",
        tags=["customers"],
        parameters=[CUSTOMER_ID_PART],
        request=None,
        responses=ERASED,
    )
    def post(self, request: Request, customer_id: str) -> Response:
        """Remove all that is kept of the customer, and refuse whatever comes of them later.

        Whoever was merged with them is the same person, and goes too; so do visitors that were
        linked to nobody else. Again gives the same receipt; so does an id that nobody knows,
        which is refused from then on as well. Where it is so much that a worker goes on with it,
        the answer is 202, `state` is `running`, and Location is where the receipt will be; later
        data are refused from this answer on in either case. Needs privacy:write.
        """
        reject_unknown_parameters(request, ())
        answer = _receipt(erase_customer(_known_form(customer_id)))
        if answer.status_code == status.HTTP_202_ACCEPTED:
            answer["Location"] = reverse("erasure", args=[answer.data["erasure_id"]])
        return answer


class ErasureView(APIView):
    """The receipt of an erasure."""

    permission_classes = [HasScope]
    read_scope, write_scope = "privacy:read", "privacy:write"

    @extend_schema(
        operation_id="get_erasure",
        summary="The receipt of an erasure",
        tags=["customers"],
        responses=ErasureSerializer,
    )
    def get(self, request: Request, erasure_id: UUID) -> Response:
        """What was removed, and which runs learnt from it."""
        reject_unknown_parameters(request, ())
        erasure = Erasure.objects.filter(pk=erasure_id).first()
        if erasure is None:
            raise Http404
        return Response(ErasureSerializer(erasure).data)


class CustomerExportView(APIView):
    """All that is kept of a customer."""

    permission_classes = [HasScope]
    read_scope = "privacy:read"

    @extend_schema(
        operation_id="export_customer",
        summary="Everything that is kept of a customer",
        tags=["customers"],
        parameters=[CUSTOMER_ID_PART],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, customer_id: str) -> StreamingHttpResponse:
        """One object, a list for each kind of record; streamed, however much it is.

        Whoever was merged with them is the same person; 404 from when they are erased. Needs
        privacy:read.
        """
        reject_unknown_parameters(request, ())
        person = find_person(_known_form(customer_id))
        customers = Customer.objects.filter(pk__in=person.customer_ids)
        if not customers or any(one.is_erasing for one in customers):
            raise Http404
        answer = StreamingHttpResponse(_sections(person), content_type="application/json")
        answer["Cache-Control"] = "no-store"
        return answer


def _receipt(erasure: Erasure) -> Response:
    """200 where all is gone; 202 where it goes on."""
    is_done = erasure.state == Erasure.State.DONE
    code = status.HTTP_200_OK if is_done else status.HTTP_202_ACCEPTED
    return Response(ErasureSerializer(erasure).data, code)


def _sections(person: Person) -> Iterator[bytes]:
    """JSON text: an object whose members are lists, one record at a time."""
    yield b"{"
    current = None
    for holding in reversed(all_holdings()):
        for section, record in holding.export(person):
            text = orjson.dumps(record, default=str)
            if section == current:
                yield b"," + text
            else:
                start = b"" if current is None else b"],"
                yield start + orjson.dumps(section) + b":[" + text
                current = section
    yield b"}" if current is None else b"]}"


def _known_form(customer_id: str) -> str:
    if not CUSTOMER_ID.fullmatch(customer_id):
        message = "A customer id has 1 to 128 characters and no control characters."
        raise invalid_parameter("customer_id", message)
    return customer_id
