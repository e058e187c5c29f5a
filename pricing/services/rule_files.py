"""Read a rule that is not kept from a JSON file, in order to try it."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from catalogue.models import Brand, Category, Product
from pricing.exceptions import RuleError
from pricing.models import PricingRule

NAMES: dict[str, tuple[models.QuerySet[Any], str]] = {
    "category": (Category.objects.all(), "slug"),
    "brand": (Brand.objects.all(), "slug"),
    "product": (Product.objects.all(), "public_id"),
}
KEPT_BY_US = {"id", "version", "created_at", "created_by", "retired_at"}


def read_rule(path: Path) -> PricingRule:
    """The rule of `path`, a JSON object with a rule's fields; RuleError names what is wrong.

    Category and brand are named by slug, a product by its id; decimals are texts.
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
        if name not in known or name in KEPT_BY_US:
            raise RuleError(name, "there is no such field")
        values[name] = _value(name, value, known[name])
    rule = PricingRule(**values)
    try:
        rule.clean_fields(exclude=["version"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise RuleError(field, messages[0]) from None
    if rule.decider == PricingRule.Decider.CAMPAIGN:
        raise RuleError("decider", "give rules or model: a campaign decides nothing")
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
