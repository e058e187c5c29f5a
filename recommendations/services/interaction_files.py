"""Read interactions from a file: events as JSON lines, or CSV `user,item,timestamp,weight`."""

import csv
import gzip
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson

from recommendations.algorithms.interactions import (
    EVENT_TYPES,
    TYPE_CODES,
    ConfidenceSettings,
    Interactions,
    weigh_events,
)
from recommendations.exceptions import UnreadableInteractionsError

CSV_COLUMNS = ("user", "item", "timestamp", "weight")
# Types that are valid in an events file, but say nothing about a liking.
SILENT_TYPES = {"search", "impression"}
OLDEST, NEWEST = -62_135_596_800.0, 253_402_300_800.0


@dataclass(frozen=True, slots=True)
class _Row:
    user: str
    item: str
    time: float
    type_code: int
    quantity: float
    weight: float | None


def read_interactions(path: Path, settings: ConfidenceSettings) -> Interactions:
    """The interactions of `path` (.gz or plain).

    Raises UnreadableInteractionsError, naming the line, for whatever is not of either form.
    """
    return read_named(path, settings)[0]


def read_named(
    path: Path, settings: ConfidenceSettings
) -> tuple[Interactions, list[str], list[str]]:
    """The same, and what its users and its products are called, in the order of their codes."""
    try:
        with _open(path) as lines:
            return _to_arrays(_read_rows(path, lines), settings)
    except UnicodeDecodeError:
        raise UnreadableInteractionsError(f"{path}: not UTF-8 text.") from None
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadableInteractionsError(f"{path}: {reason}.") from None


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read_rows(path: Path, lines: Iterable[str]) -> Iterator[_Row]:
    iterator = iter(lines)
    first = next((line for line in iterator if line.strip()), None)
    if first is None:
        raise UnreadableInteractionsError(f"{path}: the file is empty.")
    parse = _parse_events if first.lstrip().startswith("{") else _parse_csv
    return parse(path, chain([first], iterator))


def _parse_events(path: Path, lines: Iterable[str]) -> Iterator[_Row]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = _parse_event(line)
            except ValueError as error:
                raise _wrong(path, number, error) from None
            if row is not None:
                yield row


def _parse_event(line: str) -> _Row | None:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise ValueError("not a JSON object") from None
    if not isinstance(event, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of error for a wrong line
    name = event.get("type")
    if name in SILENT_TYPES:
        return None
    if not isinstance(name, str) or name not in TYPE_CODES:
        raise ValueError(f"type: give one of {', '.join((*EVENT_TYPES, *sorted(SILENT_TYPES)))}")
    user = event.get("customer_id") or event.get("visitor_id")
    return _Row(
        user=_text(user, "customer_id or visitor_id"),
        item=_text(event.get("product_id"), "product_id"),
        time=_time(event.get("occurred_at"), "occurred_at"),
        type_code=TYPE_CODES[name],
        quantity=_positive(event.get("quantity")),
        weight=None,
    )


def _parse_csv(path: Path, lines: Iterable[str]) -> Iterator[_Row]:
    reader = csv.reader(lines)
    try:
        header = tuple(column.strip().lower() for column in next(reader))
    except csv.Error as error:
        raise _wrong(path, 1, error) from None
    if header not in (CSV_COLUMNS, CSV_COLUMNS[:3]):
        raise _wrong(path, 1, "expected JSON lines, or CSV with user,item,timestamp,weight")
    try:
        for fields in reader:
            if fields:
                yield _parse_fields(fields, len(header))
    except (ValueError, csv.Error) as error:
        raise _wrong(path, reader.line_num, error) from None


def _parse_fields(fields: list[str], width: int) -> _Row:
    if len(fields) != width:
        raise ValueError(f"{width} columns expected, {len(fields)} found")
    weight = _number(fields[3], "weight") if width == 4 else 1.0
    return _Row(
        user=_text(fields[0].strip(), "user"),
        item=_text(fields[1].strip(), "item"),
        time=_time(fields[2].strip(), "timestamp"),
        type_code=0,
        quantity=1.0,
        weight=weight,
    )


def _wrong(path: Path, number: int, what: object) -> UnreadableInteractionsError:
    return UnreadableInteractionsError(f"{path}, line {number}: {what}.")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: missing or not a text")
    return value


def _number(value: str, name: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name}: {value[:40]!r} is not a number")
    return number


def _positive(value: Any) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError("quantity: give a positive number")
    return float(value)


def _time(value: Any, name: str) -> float:
    """Seconds since the epoch, from such a number or from RFC 3339."""
    if isinstance(value, str) and ("-" in value[1:] or "T" in value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{name}: {value[:40]!r} is not a time") from None
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    if not isinstance(value, str):
        raise ValueError(f"{name}: missing or not a time")  # noqa: TRY004 - as above
    seconds = _number(value, name)
    if not OLDEST < seconds < NEWEST:
        raise ValueError(f"{name}: {value[:40]!r} is not a time")
    return seconds


def _to_arrays(
    rows: Iterator[_Row], settings: ConfidenceSettings
) -> tuple[Interactions, list[str], list[str]]:
    kept = list(rows)
    if not kept:
        raise UnreadableInteractionsError("The file has no interactions.")
    users, user_codes = np.unique([row.user for row in kept], return_inverse=True)
    items, item_codes = np.unique([row.item for row in kept], return_inverse=True)
    types = np.array([row.type_code for row in kept])
    weights = weigh_events(types, np.array([row.quantity for row in kept]), settings)
    given = np.array([np.nan if row.weight is None else row.weight for row in kept])
    interactions = Interactions(
        users=user_codes.astype(np.int64),
        products=item_codes.astype(np.int64),
        weights=np.where(np.isnan(given), weights, given),
        times=np.array([row.time for row in kept]),
        shape=(len(users), len(items)),
    )
    return interactions, users.tolist(), items.tolist()
