"""Measure the searches that serve against judgments made by people."""

import csv
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from django.db import connection

from catalogue.models import Product
from search.algorithms.encoder import Encoder
from search.algorithms.fusion import FusionSettings
from search.algorithms.metrics import METRICS, bootstrap_interval
from search.algorithms.query import parse_query
from search.algorithms.text import normalise_query
from search.exceptions import EvaluationInputError
from search.selectors.candidates import find_candidates
from search.selectors.ranking import fusion_settings, make_wanted, rank_afresh
from search.selectors.steering import read_steering
from search.selectors.terms import SearchTerms
from search.selectors.texts import PRODUCT_TEXTS
from search.selectors.words import vector_of

# How deep each list is looked at: what recall@100 needs.
DEPTH = 100
_COLUMNS = ("query", "product_id", "grade")

Judgments = Mapping[str, Mapping[str, float]]
# From a query to public ids, best first.
Runner = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries and its 95 % interval."""

    value: float
    low: float
    high: float


Results = dict[str, dict[str, Estimate]]


def read_judgments(path: Path) -> dict[str, dict[str, float]]:
    """Grades by query and public id, from a CSV with columns query, product_id, grade.

    A byte order mark, as spreadsheets write one, is no part of a name. Raises EvaluationInputError,
    which names the line, for a file that is not one.
    """
    judgments: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not set(_COLUMNS) <= set(rows.fieldnames or ()):
                message = f"{path}: the first line must name query, product_id and grade."
                raise EvaluationInputError(message)
            for row in rows:
                _check_whole(path, rows.line_num, row)
                grade = _parse_grade(path, rows.line_num, row["grade"])
                judgments.setdefault(row["query"], {})[row["product_id"]] = grade
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationInputError(f"{path} can't be read: {error}") from error
    if not judgments:
        raise EvaluationInputError(f"{path} holds no judgments.")
    return judgments


def _check_whole(path: Path, line: int, row: Mapping[str, str | None]) -> None:
    if missing := [name for name in _COLUMNS if row[name] is None]:
        raise EvaluationInputError(f"{path}, line {line}: no {' and no '.join(missing)}.")


def _parse_grade(path: Path, line: int, text: str) -> float:
    try:
        grade = float(text)
    except ValueError:
        grade = -1.0
    if not 0 <= grade < float("inf"):
        raise EvaluationInputError(f"{path}, line {line}: grade {text!r} is not 0 or more.")
    return grade


def make_runners(encoder: Encoder, other: FusionSettings | None = None) -> dict[str, Runner]:
    """The searches that serve, by name, over the shown products of the database.

    `hybrid` is the very list that the endpoint pages through; `other` the same fused otherwise.
    """
    version = encoder.model_version
    public_ids = dict(Product.objects.values_list("id", "public_id"))

    def named(ranked: list[int]) -> list[str]:
        return [public_ids[product_id] for product_id in ranked[:DEPTH]]

    def hybrid(query: str, fusion: FusionSettings | None = None) -> list[str]:
        terms = SearchTerms(normalise_query(query))
        ranking = rank_afresh(terms, read_steering(terms), version, fusion=fusion)
        return named(ranking.candidates.product_ids)

    runners: dict[str, Runner] = {
        "keyword": lambda query: named(_by_leg(query, "keyword_rank", "")),
        "semantic": lambda query: named(_by_leg(query, "semantic_rank", version)),
        "hybrid": hybrid,
    }
    return runners | ({"other": lambda query: hybrid(query, other)} if other else {})


def _by_leg(query: str, leg: str, model_version: str) -> list[int]:
    """What one leg alone finds, best first."""
    terms = SearchTerms(normalise_query(query))
    parsed = parse_query(terms.query)
    wanted = make_wanted(parsed, terms, read_steering(terms), model_version, fusion_settings())
    found = find_candidates(replace(wanted, words=leg == "keyword_rank"))
    ranks = getattr(found, leg)
    return [int(found.product_ids[place]) for place in np.argsort(ranks) if ranks[place]]


def make_bm25() -> Runner | None:
    """BM25 over the very lexemes that are indexed; None where bm25s is not installed."""
    try:
        import bm25s  # noqa: PLC0415 - a yardstick, not a dependency
    except ImportError:
        return None
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    texts = _all_lexemes()
    public_ids = list(texts)
    index = bm25s.BM25()
    index.index(list(texts.values()), show_progress=False)

    def run(query: str) -> list[str]:
        depth = min(DEPTH, len(public_ids))
        found, scores = index.retrieve([_lexemes_of(query)], k=depth, show_progress=False)
        pairs = zip(found[0], scores[0], strict=True)
        return [public_ids[position] for position, score in pairs if score > 0]

    return run


def _lexemes(text: str) -> str:
    """The SQL of an array of the lexemes of `text`, each as often as it occurs."""
    return f"""
        array(
          SELECT lexeme
          FROM unnest({vector_of(text)}) AS word (lexeme, positions, weights),
            generate_series(1, cardinality(positions))
        )
    """  # noqa: S608 - constants


def _all_lexemes() -> dict[str, list[str]]:
    """The lexemes of each published product's text, as often as they occur, by public id."""
    statement = f"""
        SELECT product.public_id, {_lexemes("texts.text")}
        FROM ({PRODUCT_TEXTS}) AS texts
        JOIN catalogue_product AS product ON product.id = texts.product_id
        WHERE product.published ORDER BY product.id
    """  # noqa: S608 - constants
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": None})
        return dict(cursor.fetchall())


def _lexemes_of(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_lexemes('%s')}", [normalise_query(query)])
        (lexemes,) = cursor.fetchone()
    return list(lexemes)


Measured = dict[str, dict[str, list[float]]]


def measure_runners(
    runners: Mapping[str, Runner],
    judgments: Judgments,
    on_query: Callable[[], None] | None = None,
) -> Measured:
    """Every metric of every runner for each query that can tell rankings apart, in their order."""
    values: Measured = {name: {metric: [] for metric in METRICS} for name in runners}
    for query, grades in judgments.items():
        for name, run in runners.items():
            ranked = run(query)
            for metric, measure in METRICS.items():
                value = measure(ranked, grades)
                if value is not None:
                    values[name][metric].append(value)
        if on_query:
            on_query()
    return values


def summarise(values: Measured) -> Results:
    """Means and intervals."""
    return {
        name: {metric: Estimate(*bootstrap_interval(found)) for metric, found in measured.items()}
        for name, measured in values.items()
    }
