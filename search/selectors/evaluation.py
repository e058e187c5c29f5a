"""Measure the searches that serve against judgments made by people."""

import csv
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from catalogue.models import Product, ProductQuerySet
from search.algorithms.encoder import Encoder
from search.algorithms.fusion import order_candidates
from search.algorithms.metrics import METRICS, bootstrap_interval
from search.algorithms.text import normalise_query
from search.exceptions import EvaluationInputError
from search.selectors.candidates import hybrid_search, keyword_search, semantic_search
from search.selectors.texts import PRODUCT_TEXTS

# How deep each list is looked at: what recall@100 needs.
DEPTH = 100

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

    Raises EvaluationInputError, which names the line, for a file that is not one.
    """
    judgments: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if not {"query", "product_id", "grade"} <= set(rows.fieldnames or ()):
                message = f"{path}: the first line must name query, product_id and grade."
                raise EvaluationInputError(message)
            for row in rows:
                grade = _parse_grade(path, rows.line_num, row["grade"])
                judgments.setdefault(row["query"], {})[row["product_id"]] = grade
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EvaluationInputError(f"{path} can't be read: {error}") from error
    if not judgments:
        raise EvaluationInputError(f"{path} holds no judgments.")
    return judgments


def _parse_grade(path: Path, line: int, text: str | None) -> float:
    try:
        grade = float(text or "")
    except ValueError:
        grade = -1.0
    if not 0 <= grade < float("inf"):
        raise EvaluationInputError(f"{path}, line {line}: grade {text!r} is not 0 or more.")
    return grade


def make_runners(encoder: Encoder) -> dict[str, Runner]:
    """The searches that serve, by name, over the published products of the database."""
    products = Product.objects.published()
    public_ids = dict(Product.objects.values_list("id", "public_id"))

    def named(ranked: list[int]) -> list[str]:
        return [public_ids[product_id] for product_id in ranked[:DEPTH]]

    return {
        "keyword": lambda query: named(_by_words(query, products)),
        "semantic": lambda query: named(_by_meaning(query, encoder, products)),
        "hybrid": lambda query: named(_by_both(query, encoder, products)),
    }


def _by_words(query: str, products: ProductQuerySet) -> list[int]:
    found = keyword_search(normalise_query(query), products)
    return [c.product_id for c in sorted(found, key=lambda c: c.keyword_rank)]


def _by_meaning(query: str, encoder: Encoder, products: ProductQuerySet) -> list[int]:
    vector = encoder.encode_query(normalise_query(query))
    found = semantic_search(vector, encoder.model_version, products)
    return [c.product_id for c in sorted(found, key=lambda c: c.semantic_rank)]


def _by_both(query: str, encoder: Encoder, products: ProductQuerySet) -> list[int]:
    text = normalise_query(query)
    vector = encoder.encode_query(text)
    found = hybrid_search(text, vector, encoder.model_version, products)
    return [candidate.product_id for candidate in order_candidates(found)]


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


_LEXEMES = """
array(
  SELECT lexeme
  FROM unnest(to_tsvector('english', {text})) AS word (lexeme, positions, weights),
    generate_series(1, cardinality(positions))
)"""


def _all_lexemes() -> dict[str, list[str]]:
    """The lexemes of each published product's text, as often as they occur, by public id."""
    statement = f"""
        SELECT product.public_id, {_LEXEMES.format(text="texts.text")}
        FROM ({PRODUCT_TEXTS}) AS texts
        JOIN catalogue_product AS product ON product.id = texts.product_id
        WHERE product.published ORDER BY product.id
    """  # noqa: S608 - constants
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": None})
        return dict(cursor.fetchall())


def _lexemes_of(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_LEXEMES.format(text='%s')}", [normalise_query(query)])
        (lexemes,) = cursor.fetchone()
    return list(lexemes)


def evaluate_runners(
    runners: Mapping[str, Runner],
    judgments: Judgments,
    on_query: Callable[[], None] | None = None,
) -> Results:
    """Every metric of every runner over all queries that can tell rankings apart."""
    values: dict[str, dict[str, list[float]]] = {
        name: {metric: [] for metric in METRICS} for name in runners
    }
    for query, grades in judgments.items():
        for name, run in runners.items():
            ranked = run(query)
            for metric, measure in METRICS.items():
                value = measure(ranked, grades)
                if value is not None:
                    values[name][metric].append(value)
        if on_query:
            on_query()
    return {
        name: {metric: Estimate(*bootstrap_interval(found)) for metric, found in measured.items()}
        for name, measured in values.items()
    }
