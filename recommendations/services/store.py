"""Write a run's rows by COPY, and read its model back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import orjson
import scipy.sparse as sp
from django.db import connection
from numpy.typing import NDArray

from recommendations.algorithms.als import AlsSettings, ProductFactors
from recommendations.algorithms.blend import EngineSettings, Model
from recommendations.algorithms.interactions import ConfidenceSettings
from recommendations.algorithms.item_knn import KnnSettings
from recommendations.algorithms.texts import join_texts
from recommendations.algorithms.weighting import Bm25
from recommendations.exceptions import UnknownRunError
from recommendations.models import TrainingRun
from recommendations.selectors.texts import text_similarity
from recommendations.services.binary_copy import (
    array_fields,
    copy_binary,
    float_fields,
    key_field,
    row,
    vector_fields,
)

_MODEL = """
SELECT product_id, vector::real[], length_norm, popularity, recent_popularity,
  neighbours, similarities
FROM recommendations_productfactors WHERE run_id = %s ORDER BY product_id
"""
_COLUMNS = (
    "run_id", "product_id", "vector", "length_norm", "popularity", "recent_popularity",
    "neighbours", "similarities",
)  # fmt: skip
# So many products' rows are held at once.
BLOCK = 2_000
_FACTORS = """
SELECT product_id, vector::real[] FROM recommendations_productfactors
WHERE run_id = %s AND product_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model and the products (ascending ids) that its rows stand for."""

    run_id: int
    model: Model
    product_ids: NDArray[np.int64]
    window_start: float | None
    window_end: float


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY `rows` into `table`; how many there were."""
    count = 0
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def array_text(values: Iterable[object]) -> str:
    """PostgreSQL's text form of an array of numbers.

    psycopg would take a list as it is, and several times as long to find each element's type.
    """
    return "{" + ",".join(map(str, values)) + "}"


def write_model(run_id: int, model: Model, product_ids: NDArray[np.int64]) -> int:
    """Write what `load_model` reads, one row per product; how many there were."""
    for start in range(0, len(product_ids), BLOCK):
        rows = _model_rows(run_id, model, product_ids, slice(start, start + BLOCK))
        copy_binary("recommendations_productfactors", _COLUMNS, rows)
    return len(product_ids)


def _model_rows(
    run_id: int, model: Model, product_ids: NDArray[np.int64], own: slice
) -> list[bytes]:
    nearest, run = model.similarity[own], key_field(run_id)
    fields = zip(
        map(key_field, product_ids[own].tolist()),
        vector_fields(model.factors.factors[own]),
        float_fields(model.bm25.length_norm[own]),
        float_fields(model.popularity[own]),
        float_fields(model.recent_popularity[own]),
        array_fields(product_ids[nearest.indices], nearest.indptr),
        array_fields(nearest.data, nearest.indptr),
        strict=True,
    )
    return [row(run, *values) for values in fields]


def model_parameters(model: Model) -> dict[str, Any]:
    """What of the model belongs to the run and not to a product."""
    return {
        "engine": settings_document(model.settings),
        "unit": model.unit,
        "scale": model.scale,
        "regularization": model.factors.regularization,
    }


def read_factors(run_id: int, product_ids: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """The factors (products x factors) of `product_ids` in `run_id`, zeros for what it lacks.

    None where the run has none, or where they are no numbers: nothing to go on from.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTORS, [run_id, product_ids.tolist()])
        rows = cursor.fetchall()
    if not rows:
        return None
    known = np.array([row[1] for row in rows], dtype=np.float32)
    if not np.isfinite(known).all():
        return None
    factors = np.zeros((len(product_ids), known.shape[1]), dtype=np.float32)
    factors[np.searchsorted(product_ids, [row[0] for row in rows])] = known
    return factors


def load_model(run_id: int) -> StoredModel:
    """The model of `run_id`; UnknownRunError where it was pruned or never finished."""
    run = TrainingRun.objects.filter(pk=run_id, state=TrainingRun.State.READY).first()
    if run is None:
        raise UnknownRunError(f"run {run_id} is not there to serve")
    with connection.cursor() as cursor:
        cursor.execute(_MODEL, [run_id])
        rows = cursor.fetchall()
    settings = engine_settings(run.parameters["engine"])
    product_ids = np.array([row[0] for row in rows], dtype=np.int64)
    factors = np.array([row[1] for row in rows], dtype=np.float32)
    similarity = _similarity(product_ids, [row[5] for row in rows], [row[6] for row in rows])
    model = Model(
        factors=ProductFactors(
            factors.reshape(-1, settings.als.factors), run.parameters["regularization"]
        ),
        bm25=Bm25(settings.als.k1, np.array([row[2] for row in rows], dtype=np.float32)),
        unit=run.parameters["unit"],
        scale=run.parameters["scale"],
        similarity=similarity,
        kinship=join_texts(similarity, text_similarity(product_ids), settings.text_weight),
        popularity=np.array([row[3] for row in rows]),
        recent_popularity=np.array([row[4] for row in rows]),
        settings=settings,
    )
    start = run.window_start.timestamp() if run.window_start else None
    return StoredModel(run_id, model, product_ids, start, run.window_end.timestamp())


def _similarity(
    product_ids: NDArray[np.int64],
    neighbours: Sequence[Sequence[int]],
    similarities: Sequence[Sequence[float]],
) -> sp.csr_matrix:
    size = len(product_ids)
    pointers = np.concatenate([[0], np.cumsum([len(row) for row in neighbours])]).astype(np.int64)
    flat = np.array([key for row in neighbours for key in row], dtype=np.int64)
    values = np.array([value for row in similarities for value in row], dtype=np.float32)
    columns = np.searchsorted(product_ids, flat)
    return sp.csr_matrix((values, columns, pointers), shape=(size, size))


def settings_document(engine: EngineSettings) -> dict[str, Any]:
    """The settings as JSON can hold them: what is no number is null."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(asdict(engine)))
    return document


def engine_settings(parameters: Mapping[str, Any]) -> EngineSettings:
    """The settings that a run or a tuning was stored with; what is missing has its default."""
    known = dict(parameters)
    confidence = dict(known.pop("confidence", {}))
    if "weights" in confidence:
        confidence["weights"] = tuple(confidence["weights"])
    if "blend" in known:
        known["blend"] = tuple(known["blend"])
    return EngineSettings(
        confidence=ConfidenceSettings(**confidence),
        als=AlsSettings(**known.pop("als", {})),
        knn=KnnSettings(**known.pop("knn", {})),
        **known,
    )
