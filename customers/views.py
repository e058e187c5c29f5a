"""Visitors."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.rest.parameters import reject_unknown_parameters
from api.rest.permissions import HasKey
from customers.authentication import sign_visitor_token
from customers.serializers import NewVisitorSerializer
from customers.services import create_visitor


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
