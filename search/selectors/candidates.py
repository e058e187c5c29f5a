"""Find candidates by meaning and by words, filters included, in one round trip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection
from numpy.typing import NDArray

from api.arrays import read_array, write_halfvec
from api.prepared import read_prepared
from catalogue.models import ProductQuerySet
from search.algorithms.kinds import find_kinds
from search.algorithms.query import Expansion, ParsedQuery, find_numbered, respell
from search.selectors.statement import Shape, write_statement

# Sent as one message with the statement: an implicit transaction, at whose end it is as before.
_WITHOUT_JIT = "SELECT set_config('jit', 'off', true); "
_NOTHING: tuple[Any, ...] = (None,) * 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """What candidates are looked for.

    `vector` is the query's unit vector, shape (384,), under `model_version`; None to go by words
    alone, as an empty `query` goes by meaning alone. `products` are those that the filters keep;
    None where there are none. `pinned` join what is found, `hidden` never do. Of `tokens` it is
    told how many products have them; if one of those that are `strange` has none, nothing is looked
    for, lest it be looked for twice.
    """

    query: ParsedQuery
    vector: NDArray[np.float32] | None = None
    model_version: str = ""
    products: ProductQuerySet | None = None
    topping: bool = True
    pinned: Sequence[int] = ()
    hidden: Sequence[int] = ()
    depth: int = 100
    floor: float = -1.0
    words: bool = True
    tokens: Sequence[str] = ()
    strange: Sequence[str] = ()


def _ints() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


def _floats() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, slots=True)
class Found:
    """What the two legs found, as columns of n products, in no order.

    Ranks are 1-based, 0 where a leg missed the product within its depth. `kind` tells whether it is
    what the query names. `tail` holds the further
    matches by words, best first. `topping` holds products within the filters that are near in
    meaning but not of the result set, nearest first. `known` tells of each of the wanted `tokens`
    how many products have it, -1 where it is not looked up. `held`: a strange word has none, and
    nothing was looked for.
    """

    product_ids: NDArray[np.int64] = field(default_factory=_ints)
    semantic_rank: NDArray[np.int64] = field(default_factory=_ints)
    keyword_rank: NDArray[np.int64] = field(default_factory=_ints)
    similarity: NDArray[np.float64] = field(default_factory=_floats)
    keyword_score: NDArray[np.float64] = field(default_factory=_floats)
    exact: NDArray[np.int64] = field(default_factory=_ints)
    kind: NDArray[np.int64] = field(default_factory=_ints)
    tail: NDArray[np.int64] = field(default_factory=_ints)
    topping: NDArray[np.int64] = field(default_factory=_ints)
    topping_similarity: NDArray[np.float64] = field(default_factory=_floats)
    known: NDArray[np.int64] = field(default_factory=_ints)
    held: bool = False


def find_candidates(wanted: Wanted) -> Found:
    """What is found for `wanted`, in one statement."""
    try:
        products, bound = _filtered_sql(wanted.products)
    except EmptyResultSet:
        return Found()
    shape = Shape(
        words=wanted.words, meaning=wanted.vector is not None, depth=wanted.depth,
        phrases=len(wanted.query.phrases), excluded=len(wanted.query.excluded),
        hidden=bool(wanted.hidden), tokens=bool(wanted.tokens), strange=bool(wanted.strange),
        products=products, topping=wanted.topping, numbered=bool(find_numbered(wanted.query.words)),
    )  # fmt: skip
    parameters = _parameters(wanted) | bound
    return _find_plain(shape, parameters) if shape.plain else _find_otherwise(shape, parameters)


def _find_plain(shape: Shape, parameters: dict[str, Any]) -> Found:
    """What a search finds whose plan is kept."""
    if shape.meaning:
        parameters["vector"] = write_halfvec(parameters["vector"])
    for name, values in parameters.items():
        if isinstance(values, list):
            parameters[name] = _write_list(values)
    *columns, held = read_prepared(_write_once(shape), parameters)
    return _found(map(read_array, columns, _KINDS), held=held == _TRUE)


def _find_otherwise(shape: Shape, parameters: dict[str, Any]) -> Found:
    """What a search finds that is planned anew: filters or phrases decide which plan is good."""
    if shape.meaning:
        parameters["vector"] = "[" + ",".join(map(repr, parameters["vector"].tolist())) + "]"
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_JIT + write_statement(shape), parameters)
        cursor.nextset()
        *columns, held = cursor.fetchone() or _NOTHING
    return _found(map(_column, columns, _KINDS), held=bool(held))


def _found(columns: Iterable[Any], *, held: bool) -> Found:
    found = Found(*columns)
    return replace(found, held=True) if held else found


def _write_list(values: list[Any]) -> str:
    """An array as PostgreSQL reads it; psycopg would look for the type of each element."""
    return "{" + ",".join(map(_write_element, values)) + "}"


def _write_element(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


@lru_cache
def _write_once(shape: Shape) -> str:
    return write_statement(shape)


_KINDS = (
    np.int64, np.int64, np.int64, np.float64, np.float64, np.int64, np.int64, np.int64, np.int64,
    np.float64, np.int64,
)  # fmt: skip
_TRUE = b"\x01"


def _column(values: list[Any] | None, kind: Any) -> Any:
    # Single precision first, which is what the other way brings.
    narrow = np.float32 if kind is np.float64 else kind
    return np.array(values or (), narrow).astype(kind)


def _filtered_sql(products: ProductQuerySet | None) -> tuple[str | None, dict[str, Any]]:
    """The SQL of `products` with named parameters, and these."""
    if products is None:
        return None, {}
    sql, values = products.order_by().values("id").query.sql_with_params()
    first, *rest = sql.split("%s")
    named = first + "".join(f"%(filter{n})s{text}" for n, text in enumerate(rest))
    return named, {f"filter{n}": value for n, value in enumerate(values)}


def _parameters(wanted: Wanted) -> dict[str, Any]:
    query = wanted.query
    typed = [Expansion(query.words, 1.0), *query.expansions]
    numbered = find_numbered(query.words)
    if spellings := [*respell(query.words), *(one.model for one in numbered)]:
        typed.append(Expansion(", ".join(spellings), 1.0))
    code = query.words
    parameters: dict[str, Any] = {
        "texts": [expansion.text for expansion in typed],
        "weights": [expansion.weight for expansion in typed],
        "own": [number == 0 for number in range(len(typed))],
        "numbers": [one.number for one in numbered],
        "lines": [one.line for one in numbered],
        "models": [one.model for one in numbered],
        "kinds": " ".join(
            kind for text in (query.words, *query.rewritings) for kind in find_kinds(text)
        ),
        "codes": list({code, code.upper(), code.lower()}),
        "pinned": list(wanted.pinned),
        "hidden": list(wanted.hidden),
        "tokens": list(wanted.tokens),
        "strange": list(wanted.strange),
        "floor": wanted.floor,
        "model": wanted.model_version,
    }
    if wanted.vector is not None:
        parameters["vector"] = wanted.vector
    for kind in ("phrases", "excluded"):
        parameters |= {f"{kind}{n}": text for n, text in enumerate(getattr(query, kind))}
    return parameters
