"""Read a weekly panel from a CSV file `store,product,week,price,units`, plain or gzip."""

import csv
import gzip
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from pricing.algorithms.demand.panels import LeftOut, Panel, build_panel, number_weeks
from pricing.exceptions import UnreadablePanelError

COLUMNS = ("store", "product", "week", "price", "units")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})
CHUNK = 100_000  # rows that are held as text at a time


@dataclass(slots=True)
class _Codes:
    """Numbers for texts, in the order in which they first came, and the line where each did."""

    of: dict[str, int] = field(default_factory=dict)
    first_line: list[int] = field(default_factory=list)

    def number(self, texts: list[str], line: int) -> NDArray[np.int64]:
        """Each text's number; `line` is that of the first text."""
        known = self.of
        for place, text in enumerate(texts):
            if text not in known:
                known[text] = len(known)
                self.first_line.append(line + place)
        return np.fromiter((known[text] for text in texts), np.int64, len(texts))


@dataclass(frozen=True, slots=True)
class _Chunk:
    line: int
    columns: dict[str, list[str]]


def read_panel(path: Path) -> tuple[Panel, LeftOut]:
    """The panel of `path`, and what of it can't be used.

    Columns stand in any order, further ones are passed over. Raises UnreadablePanelError, naming
    line and field, for whatever is not a panel; an empty price or count of units is merely
    missing. Takes about 40 bytes a row beyond the panel itself.
    """
    try:
        with _open(path) as file:
            return _read(path, file)
    except UnicodeDecodeError:
        raise UnreadablePanelError(f"{path}: not UTF-8 text.") from None
    except csv.Error as error:
        raise UnreadablePanelError(f"{path}: {error}.") from None
    except (OSError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadablePanelError(f"{path}: {reason}.") from None


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read(path: Path, file: IO[str]) -> tuple[Panel, LeftOut]:
    stores, products, weeks = _Codes(), _Codes(), _Codes()
    parts: list[list[NDArray[np.float64] | NDArray[np.int64]]] = [[] for _ in COLUMNS]
    for chunk in _read_chunks(path, file):
        of = chunk.columns
        for part, codes, name in zip(parts, (stores, products, weeks), COLUMNS, strict=False):
            part.append(codes.number(_stripped(path, chunk, name), chunk.line))
        parts[3].append(_numbers(path, chunk.line, "price", of["price"], lowest=0.0))
        parts[4].append(_numbers(path, chunk.line, "units", of["units"], lowest=-math.inf))
    if not parts[0]:
        raise UnreadablePanelError(f"{path}: there is no row below the heading.")
    store, product, label, price, units = (np.concatenate(part) for part in parts)
    return build_panel(
        _ranks(stores)[store.astype(np.int64)], _ranks(products)[product.astype(np.int64)],
        _week_numbers(path, weeks)[label.astype(np.int64)],
        price.astype(np.float64), units.astype(np.float64),
    )  # fmt: skip


def _ranks(codes: _Codes) -> NDArray[np.int64]:
    """The place of each code by its name, so that the order of rows changes no figure."""
    names = sorted(codes.of)
    places = np.empty(len(names), np.int64)
    places[[codes.of[name] for name in names]] = np.arange(len(names))
    return places


def _read_chunks(path: Path, file: IO[str]) -> Iterator[_Chunk]:
    reader = csv.reader(file)
    heading = [name.strip().lower() for name in next(reader, [])]
    places = _find_columns(path, heading)
    while True:
        line = reader.line_num + 1
        rows = list(islice(reader, CHUNK))
        if not rows:
            return
        if any(len(row) != len(heading) for row in rows):
            rows = _whole_rows(path, rows, line, len(heading))
        if rows:
            columns = list(zip(*rows, strict=True))
            yield _Chunk(line, {name: list(columns[place]) for name, place in places.items()})


def _find_columns(path: Path, heading: list[str]) -> dict[str, int]:
    if not any(heading):
        raise UnreadablePanelError(f"{path}: the file is empty.")
    for name in COLUMNS:
        if heading.count(name) != 1:
            problem = "there is no" if name not in heading else "there is more than one"
            raise UnreadablePanelError(
                f"{path}: line 1: {problem} column {name}; it takes {','.join(COLUMNS)}."
            )
    return {name: heading.index(name) for name in COLUMNS}


def _whole_rows(path: Path, rows: list[list[str]], line: int, width: int) -> list[list[str]]:
    """The rows; blank lines at the end of the file are no rows."""
    while rows and not any(rows[-1]):
        rows.pop()
    for place, row in enumerate(rows):
        if len(row) != width:
            raise UnreadablePanelError(
                f"{path}: line {line + place}: {len(row)} fields where the heading has {width}."
            )
    return rows


def _stripped(path: Path, chunk: _Chunk, name: str) -> list[str]:
    texts = [text.strip() for text in chunk.columns[name]]
    if "" in texts:
        line = chunk.line + texts.index("")
        raise UnreadablePanelError(f"{path}: line {line}: {name}: there is none.")
    return texts


def _numbers(
    path: Path, line: int, name: str, texts: list[str], *, lowest: float
) -> NDArray[np.float64]:
    """Each text's number, NaN where it is missing."""
    try:
        values = np.array(texts, dtype=np.float64)
    except ValueError:
        values = np.array([_number(path, line + i, name, text) for i, text in enumerate(texts)])
    wrong = np.isinf(values) | (values < lowest)
    if wrong.any():
        place = int(wrong.argmax())
        what = "give a finite number" if np.isinf(values[place]) else "it must not be negative"
        raise UnreadablePanelError(f"{path}: line {line + place}: {name} {texts[place]!r}: {what}.")
    return values


def _number(path: Path, line: int, name: str, text: str) -> float:
    if text.strip().lower() in MISSING:
        return math.nan
    try:
        return float(text)
    except ValueError:
        raise UnreadablePanelError(
            f"{path}: line {line}: {name} {text[:40]!r}: give a number."
        ) from None


def _week_numbers(path: Path, weeks: _Codes) -> NDArray[np.int64]:
    labels = list(weeks.of)
    numbers = number_weeks(labels)
    if None in numbers:
        place = numbers.index(None)
        raise UnreadablePanelError(
            f"{path}: line {weeks.first_line[place]}: week {labels[place][:40]!r}: "
            "give whole numbers, or dates, or years with weeks; all of one kind."
        )
    return np.array(numbers, dtype=np.int64)
