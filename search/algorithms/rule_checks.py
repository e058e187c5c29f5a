"""What an action of a merchandising rule needs and may have, by its kind."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# No product is pinned below this position, or moved by more places.
MAX_PLACES = 100

TARGET = ("category", "brand", "attribute", "in_stock", "price_min", "price_max")
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "pin": ("product", "position"),
    "hide": ("product", *TARGET),
    "boost": ("product", "places", *TARGET),
    "bury": ("product", "places", *TARGET),
    "filter": TARGET,
    "redirect": ("url",),
    "banner": ("text", "image_url", "url"),
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "pin": ("product", "position"),
    "boost": ("places",),
    "bury": ("places",),
    "redirect": ("url",),
}
_FIELDS = frozenset(name for allowed in _ALLOWED.values() for name in allowed)
# A page of the shop itself, or one on the web; never script, never another's page by `//`.
_LINK = re.compile(r"(https?://[^/\s]\S*|/(?!/)\S*)")


def check_action(kind: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with an action, by field; empty where nothing is.

    `fields` may hold more; None and empty text are no value.
    """
    given = {name for name, value in fields.items() if value is not None and value != ""}
    return dict(_faults(kind, given, fields))


def _faults(kind: str, given: set[str], fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    allowed = _ALLOWED.get(kind)
    if allowed is None:
        yield "kind", f"Give one of: {', '.join(_ALLOWED)}."
        return
    for name in sorted((given & _FIELDS).difference(allowed)):
        yield name, f"{kind} has no use for it."
    for name in _REQUIRED.get(kind, ()):
        if name not in given:
            yield name, f"{kind} needs it."
    yield from _target_faults(kind, given, allowed)
    yield from _value_faults(given, fields)


def _target_faults(
    kind: str, given: set[str], allowed: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    described = given.intersection(TARGET)
    if "product" in allowed and "product" in given and described.intersection(allowed):
        yield "product", "Name a product or describe a target, not both."
    if "brand" in allowed and not described and "product" not in given:
        names = ("product", *TARGET) if "product" in allowed else TARGET
        yield names[0], f"{kind} needs one of: {', '.join(names)}."
    if kind == "banner" and not given.intersection({"text", "image_url"}):
        yield "text", "banner needs a text or an image_url."


def _value_faults(given: set[str], fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("url", "image_url"):
        if name in given and not _LINK.fullmatch(str(fields[name])):
            yield name, "Give https://… or a path of the shop that begins with /."
    if "attribute" in given and not all(
        part.strip() for part in str(fields["attribute"]).partition(":")[::2]
    ):
        yield "attribute", "Give name:value, such as colour:red."
    if {"price_min", "price_max"} <= given and fields["price_min"] > fields["price_max"]:
        yield "price_max", "It must not be below price_min."
