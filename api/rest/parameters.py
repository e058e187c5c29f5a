"""Query parameters, strictly: an unknown name or a wrong value is an error that says so."""

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from rest_framework.request import Request

from api.rest.problems import InputError, InvalidInput, invalid_parameter

BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def reject_unknown_parameters(request: Request, known: Collection[str]) -> None:
    """Raise InvalidInput that names each query parameter outside `known`."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        raise InvalidInput(
            *(
                InputError("unknown_parameter", f"Unknown parameter. Known: {allowed}.", None, name)
                for name in unknown
            )
        )


def replace_parameters(url: str, **values: str) -> str:
    """`url` with these query parameters in place of its own of the same names, in their order."""
    scheme, host, path, query, fragment = urlsplit(url)
    parameters: dict[str, Any] = parse_qs(query, keep_blank_values=True)
    text = urlencode(sorted((parameters | values).items()), doseq=True)
    return urlunsplit((scheme, host, path, text, fragment))


def parse_integer(
    parameters: Mapping[str, Any], name: str, *, minimum: int, maximum: int
) -> int | None:
    """The whole number under `name` within the bounds, or None where it is absent."""
    value = parameters.get(name)
    if value is None:
        return None
    # int() alone would take full-width digits, underscores and megabytes of text.
    if not (value.isascii() and value.isdecimal() and len(value) <= 9):
        raise invalid_parameter(name, f"Give a whole number from {minimum} to {maximum}.")
    number = int(value)
    if not minimum <= number <= maximum:
        raise invalid_parameter(name, f"Give a whole number from {minimum} to {maximum}.")
    return number


def parse_boolean(parameters: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """The boolean under `name` (true, false, 1, 0), or `default` where it is absent."""
    value = parameters.get(name)
    if value is None:
        return default
    try:
        return BOOLEANS[value.lower()]
    except KeyError:
        raise invalid_parameter(name, "Give true or false.") from None


def parse_amount(parameters: Mapping[str, Any], name: str) -> Decimal | None:
    """The non-negative decimal amount under `name`, or None where it is absent."""
    value = parameters.get(name)
    if value is None:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount < Decimal(10) ** 12):
        raise invalid_parameter(name, "Give an amount such as 19.99.")
    return amount


def parse_choice(
    parameters: Mapping[str, Any], name: str, choices: Collection[str], default: str
) -> str:
    """The one of `choices` under `name`, or `default` where it is absent."""
    value: str = parameters.get(name, default)
    if value not in choices:
        raise invalid_parameter(name, f"Give one of: {', '.join(choices)}.")
    return value
