"""The parameters of calls for recommendations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rest_framework import status
from rest_framework.request import Request

from api.rest.parameters import parse_boolean, parse_integer, reject_unknown_parameters
from api.rest.problems import Problem, invalid_parameter
from customers.authentication import named_shopper
from recommendations.algorithms.placements import MOST_SHOWN, Anchor, Placement
from recommendations.selectors.needs import Named
from recommendations.selectors.placements import Question
from recommendations.selectors.situation import Situation
from recommendations.selectors.specs import read_placements

MOST_LIMIT = MOST_SHOWN
MOST_EXCLUDED = 200
MOST_PLACEMENTS = 10
# Of all placements of one call together.
MOST_PRODUCTS = 200
ID_LENGTH = 128
CATEGORY_LENGTH = 900

PARAMETERS = frozenset({"product_id", "category", "limit", "exclude", "explain", "customer_id"})


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked for, and whether each product is to be explained."""

    question: Question
    explain: bool


def parse_call(request: Request, name: str) -> Call:
    """The call for one placement, or InvalidInput that names the parameter; 404 for no such."""
    placement = read_placements().get(name)
    if placement is None:
        detail = f"There is no placement {name[:40]!r}; there are {_names()}."
        raise Problem(status.HTTP_404_NOT_FOUND, "unknown_placement", detail)
    reject_unknown_parameters(request, PARAMETERS)
    return _parse(request, [placement])


def parse_page_call(request: Request) -> Call:
    """The call for the placements of a page, or InvalidInput that names the parameter."""
    reject_unknown_parameters(request, PARAMETERS | {"placements"})
    names = _split(request.query_params.getlist("placements"))
    if not names:
        raise invalid_parameter("placements", "Name placements, separated by commas.", "required")
    if len(names) > MOST_PLACEMENTS:
        raise invalid_parameter(
            "placements", f"Name at most {MOST_PLACEMENTS} placements.", "too_many"
        )
    if len(set(names)) < len(names):
        raise invalid_parameter("placements", "Name each placement once.", "repeated")
    known = read_placements()
    for name in names:
        if name not in known:
            detail = f"There is no placement {name[:40]!r}; there are {_names()}."
            raise invalid_parameter("placements", detail, "unknown_placement")
    call = _parse(request, [known[name] for name in names])
    _check_size(call.question)
    return call


def check_anchors(question: Question, situation: Situation) -> None:
    """InvalidInput where the product or category that was named does not exist."""
    if question.named.product_id is not None and not situation.like("product"):
        raise invalid_parameter("product_id", "There is no such product.", "unknown_product")
    if question.named.category is not None and situation.category_id is None:
        raise invalid_parameter("category", "There is no such category.", "unknown_category")


def _check_size(question: Question) -> None:
    limits = [
        one.limit if question.limit is None else question.limit for one in question.placements
    ]
    if sum(limits) > MOST_PRODUCTS:
        detail = f"These placements show {sum(limits)} products; {MOST_PRODUCTS} may be asked for."
        raise invalid_parameter("limit", detail, "too_many")


def _parse(request: Request, placements: Sequence[Placement]) -> Call:
    parameters = request.query_params
    visitor_id, customer_id = named_shopper(request)
    anchors = {placement.anchor for placement in placements}
    named = Named(
        visitor_id,
        customer_id,
        _parse_product(parameters.get("product_id"), anchors),
        _parse_category(parameters.get("category"), anchors),
    )
    limit = parse_integer(parameters, "limit", minimum=1, maximum=MOST_LIMIT)
    excluded = _parse_excluded(parameters.getlist("exclude"))
    explain = parse_boolean(parameters, "explain", default=False)
    return Call(Question(placements, named, limit, excluded), explain)


def _parse_product(value: str | None, anchors: Collection[Anchor]) -> str | None:
    if Anchor.PRODUCT not in anchors:
        if value is not None:
            detail = "Only placements about a product, such as product, take a product_id."
            raise invalid_parameter("product_id", detail, "unexpected")
        return None
    if not value:
        raise invalid_parameter("product_id", "Name the product that is looked at.", "required")
    return _check_id(value, "product_id")


def _parse_category(value: str | None, anchors: Collection[Anchor]) -> str | None:
    if Anchor.CATEGORY not in anchors:
        if value is not None:
            detail = "Only placements about a category, such as for-category, take a category."
            raise invalid_parameter("category", detail, "unexpected")
        return None
    if not value:
        detail = "Name the category: its id, such as phones/cases, or names joined by ' > '."
        raise invalid_parameter("category", detail, "required")
    if len(value) > CATEGORY_LENGTH or "\0" in value:
        detail = f"A category has 1 to {CATEGORY_LENGTH} characters and no NUL."
        raise invalid_parameter("category", detail)
    return value


def _parse_excluded(values: list[str]) -> frozenset[str]:
    ids = _split(values)
    if len(ids) > MOST_EXCLUDED:
        raise invalid_parameter("exclude", f"Name at most {MOST_EXCLUDED} products.", "too_many")
    return frozenset(_check_id(value, "exclude") for value in ids)


def _split(values: list[str]) -> list[str]:
    return [part for value in values for part in value.split(",") if part]


def _check_id(value: str, parameter: str) -> str:
    if len(value) > ID_LENGTH or "\0" in value:
        detail = f"A product id has 1 to {ID_LENGTH} characters and no NUL."
        raise invalid_parameter(parameter, detail)
    return value


def _names() -> str:
    return ", ".join(sorted(read_placements()))
