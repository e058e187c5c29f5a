"""Keep the model that a run was measured with, and read it back for the next run's gate."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.algorithms.als import ProductFactors
from recommendations.algorithms.blend import Model
from recommendations.algorithms.weighting import Bm25
from recommendations.models import MeasuredModel
from recommendations.services.store import engine_settings, model_parameters


@dataclass(frozen=True, slots=True)
class Measured:
    """A model, the products (ascending ids) of its columns, and until when it knows of anything."""

    model: Model
    product_ids: NDArray[np.int64]
    cut: float


def keep_measured(run_id: int, measured: Measured) -> None:
    """Write what `run_id` was measured with."""
    model = measured.model
    arrays: dict[str, NDArray[Any]] = {
        "product_ids": measured.product_ids,
        "factors": model.factors.factors,
        "length_norm": model.bm25.length_norm,
        "similarity_data": model.kinship.data,
        "similarity_indices": model.kinship.indices,
        "similarity_indptr": model.kinship.indptr,
        "popularity": model.popularity.astype(np.float32),
        "recent_popularity": model.recent_popularity.astype(np.float32),
    }
    document = model_parameters(model) | {"cut": measured.cut}
    MeasuredModel.objects.create(run_id=run_id, content=_pack(arrays, document))


def read_measured(run_id: int) -> Measured | None:
    """What `run_id` was measured with; None where it was not, or where that was pruned."""
    row = MeasuredModel.objects.filter(run_id=run_id).first()
    if row is None:
        return None
    with np.load(io.BytesIO(bytes(row.content)), allow_pickle=False) as arrays:
        return _restore({name: arrays[name] for name in arrays.files})


def _pack(arrays: Mapping[str, NDArray[Any]], document: Mapping[str, Any]) -> bytes:
    # np.savez would bring the time of writing in; what is stored tells nothing of it.
    buffer = io.BytesIO()
    text = np.frombuffer(orjson.dumps(document), dtype=np.uint8)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in {**arrays, "document": text}.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _restore(arrays: Mapping[str, NDArray[Any]]) -> Measured:
    document = orjson.loads(arrays["document"].tobytes())
    settings = engine_settings(document["engine"])
    size = len(arrays["product_ids"])
    similarity = sp.csr_matrix(
        tuple(arrays[f"similarity_{part}"] for part in ("data", "indices", "indptr")),
        shape=(size, size),
    )
    model = Model(
        factors=ProductFactors(arrays["factors"], document["regularization"]),
        bm25=Bm25(settings.als.k1, arrays["length_norm"]),
        unit=document["unit"],
        scale=document["scale"],
        similarity=similarity,  # what is measured is the blend, which asks for kinship alone
        kinship=similarity,
        popularity=arrays["popularity"].astype(np.float64),
        recent_popularity=arrays["recent_popularity"].astype(np.float64),
        settings=settings,
    )
    return Measured(model, arrays["product_ids"], document["cut"])
