"""Read a rule that is not kept from a JSON file, in order to try it."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import models

from catalogue.models import Brand, Category, Product
from pricing.exceptions import RuleError
from pricing.models import PricingRule
from pricing.services.ruling import check_rule

NAMES: dict[str, tuple[models.QuerySet[Any], str]] = {
    "category": (Category.objects.all(), "slug"),
    "brand": (Brand.objects.all(), "name"),
    "product": (Product.objects.all(), "public_id"),
}
# What the API tells of a rule beside its terms: of no account here.
TOLD = {"version", "created_at", "created_by"}
KEPT_BY_US = {"id", "retired_at"}


def read_rule(path: Path) -> PricingRule:
    """The rule of `path`, as the API takes and gives it; RuleError names what is wrong.

    A category is named by its id, a brand by its name, a product by its id; decimals are texts.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise RuleError("", f"{path}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise RuleError("", f"{path} is not JSON ({error})") from None
    if not isinstance(content, dict):
        raise RuleError("", f"{path}: give a JSON object")
    known = {
        one.name: one
        for one in PricingRule._meta.concrete_fields  # noqa: SLF001 - Django's own
    }
    values: dict[str, Any] = {"name": path.stem, "currency": settings.STORE_CURRENCY}
    for name, value in content.items():
        if name in TOLD:
            continue
        if name not in known or name in KEPT_BY_US:
            raise RuleError(name, "there is no such field")
        values[name] = _value(name, value, known[name])
    rule = PricingRule(**values)
    if rule.decider == PricingRule.Decider.CAMPAIGN:
        raise RuleError("decider", "give rules or model: a campaign decides nothing")
    check_rule(rule)
    return rule


def _value(name: str, value: Any, field: "models.Field[Any, Any]") -> Any:
    if name in NAMES and value is not None:
        rows, key = NAMES[name]
        found = rows.filter(**{key: value}).first()
        if found is None:
            raise RuleError(name, f"there is no {name} {value!r}")
        return found
    if isinstance(field, models.DecimalField) and isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise RuleError(name, f"{value!r} is no number") from None
    return value
