"""Who is the shopper of a request: the signed visitor token, the customer token, `customer_id`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import jwt
from django.conf import settings
from django.core import signing
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from api.rest.permissions import credential_of
from customers.exceptions import ErasedError
from customers.selectors import Shopper, resolve_shopper

VISITOR_TOKEN_SALT = "customers.visitor"  # noqa: S105 - a namespace, not a secret
# Control characters, and surrogates, which a JWT's JSON can smuggle in and UTF-8 can't write.
CUSTOMER_ID = re.compile("[^\x00-\x1f\x7f\ud800-\udfff]{1,128}")


def sign_visitor_token(visitor_id: UUID) -> str:
    """The token that proves to be `visitor_id`."""
    return signing.Signer(salt=VISITOR_TOKEN_SALT).sign(visitor_id.hex)


def read_visitor_token(token: str) -> UUID:
    """The visitor that `token` proves; AuthenticationFailed where it was not signed here."""
    try:
        return UUID(signing.Signer(salt=VISITOR_TOKEN_SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        message = "This visitor token was not issued here; POST /v1/visitors gives one."
        raise AuthenticationFailed(message, "invalid_visitor_token") from None


def read_customer_token(token: str) -> str:
    """The customer id that `token` proves: a JWT, HS256, claims `sub` and `exp` (RFC 7519)."""
    if not settings.CUSTOMER_TOKEN_SECRET:
        raise AuthenticationFailed("Customer tokens are not set up here.", "invalid_customer_token")
    try:
        claims = jwt.decode(
            token,
            settings.CUSTOMER_TOKEN_SECRET,
            algorithms=["HS256"],
            options={"require": ["sub", "exp"]},
        )
    except jwt.ExpiredSignatureError:
        message = "This customer token has expired."
        raise AuthenticationFailed(message, "expired_customer_token") from None
    except jwt.InvalidTokenError:
        message = "This customer token is not valid: a JWT, HS256, with claims sub and exp."
        raise AuthenticationFailed(message, "invalid_customer_token") from None
    return check_customer_id(str(claims["sub"]))


def check_customer_id(customer_id: str) -> str:
    """`customer_id` where it can be one: 1 to 128 characters, none of them a control character."""
    if not CUSTOMER_ID.fullmatch(customer_id):
        message = "A customer id has 1 to 128 characters and no control characters."
        raise AuthenticationFailed(message, "invalid_customer_id")
    return customer_id


def identify_shopper(request: Request, customer_id: str | None = None) -> Shopper:
    """The shopper that the request's tokens name; nobody where it bears none.

    `customer_id` is one that the caller has seen to be allowed to be named, in place of a token.

    Raises AuthenticationFailed for a token that is not valid, and PermissionDenied where
    `customer_id` is named without a secret key that may read customers.
    """
    with refusing_erased():
        if customer_id is not None:
            return resolve_shopper(visitor_of(request), customer_id)
        return resolve_shopper(*named_shopper(request))


def named_shopper(request: Request) -> tuple[UUID | None, str | None]:
    """The visitor and the customer (the merchant's id) that the request's tokens prove.

    For those who read the shopper in a statement of their own, within `refusing_erased`; raises as
    `identify_shopper` does.
    """
    return visitor_of(request), _named_customer(request)


@contextmanager
def refusing_erased() -> Iterator[None]:
    """AuthenticationFailed in place of ErasedError: the device can have a new token."""
    try:
        yield
    except ErasedError:
        message = "This visitor was erased; POST /v1/visitors gives a new token."
        raise AuthenticationFailed(message, "erased") from None


def visitor_of(request: Request) -> UUID | None:
    """The visitor that X-Visitor-Token proves; None without one."""
    token = request.META.get("HTTP_X_VISITOR_TOKEN")
    return read_visitor_token(token) if token else None


def customer_of(request: Request) -> str | None:
    """The customer id that X-Customer-Token proves; None without one."""
    token = request.META.get("HTTP_X_CUSTOMER_TOKEN")
    return read_customer_token(token) if token else None


def _named_customer(request: Request) -> str | None:
    named = request.query_params.get("customer_id")
    if named is not None:
        credential = credential_of(request)
        if credential is None or not credential.may("customers:read"):
            message = "customer_id needs a secret key with the scope customers:read."
            raise PermissionDenied(message, "secret_key_required")
        return check_customer_id(named)
    return customer_of(request)
