"""The parameters of `GET /v1/recommendations/{placement}`."""

from dataclasses import dataclass

from rest_framework import status
from rest_framework.request import Request

from api.rest.parameters import parse_integer, reject_unknown_parameters
from api.rest.problems import Problem, invalid_parameter
from recommendations.selectors.placements import PLACEMENTS

DEFAULT_LIMIT = 20
MOST_LIMIT = 50
MOST_EXCLUDED = 200
ID_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked for; `product_id` is given for the placement `product` alone."""

    placement: str
    product_id: str | None
    limit: int
    excluded: frozenset[str]


def parse_call(request: Request, placement: str) -> Call:
    """The call, or InvalidInput that names the parameter; 404 for an unknown placement."""
    if placement not in PLACEMENTS:
        detail = f"There is no placement {placement[:40]!r}; there are {', '.join(PLACEMENTS)}."
        raise Problem(status.HTTP_404_NOT_FOUND, "unknown_placement", detail)
    reject_unknown_parameters(request, {"product_id", "limit", "exclude", "customer_id"})
    parameters = request.query_params
    limit = parse_integer(parameters, "limit", minimum=1, maximum=MOST_LIMIT)
    return Call(
        placement,
        _parse_product(parameters.get("product_id"), placement),
        DEFAULT_LIMIT if limit is None else limit,
        _parse_excluded(parameters.getlist("exclude")),
    )


def _parse_product(value: str | None, placement: str) -> str | None:
    if placement != "product":
        if value is not None:
            detail = "Only the placement product takes a product_id."
            raise invalid_parameter("product_id", detail, "unexpected")
        return None
    if not value:
        raise invalid_parameter("product_id", "Name the product that is looked at.", "required")
    return _check_id(value, "product_id")


def _parse_excluded(values: list[str]) -> frozenset[str]:
    ids = [part for value in values for part in value.split(",") if part]
    if len(ids) > MOST_EXCLUDED:
        raise invalid_parameter("exclude", f"Name at most {MOST_EXCLUDED} products.", "too_many")
    return frozenset(_check_id(value, "exclude") for value in ids)


def _check_id(value: str, parameter: str) -> str:
    if len(value) > ID_LENGTH or "\0" in value:
        detail = f"A product id has 1 to {ID_LENGTH} characters and no NUL."
        raise invalid_parameter(parameter, detail)
    return value
