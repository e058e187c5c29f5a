"""A catalogue of any size out of real products: themselves first, then copies with changed words.

The vector of a copy is that of its original with noise added (cosine about 0.93), so that copies
lie near each other as variants of a product do, but never in one place.
"""

import gzip
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NOISE = 0.4
_INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'product_embedding_near'"
_STORE = """
INSERT INTO search_productembedding (product_id, model_version, text_hash, vector, updated_at)
SELECT document.product_id, %s, document.text_hash, new.vector::halfvec, now()
FROM unnest(%s::text[], %s::text[]) AS new (public_id, vector)
JOIN catalogue_product AS product ON product.public_id = new.public_id
JOIN search_productdocument AS document ON document.product_id = product.id
"""


def fill_catalogue(products: Path, size: int, encoder: Any) -> None:
    """Import, index and embed `size` products made of the file `products`."""
    from catalogue.services import Reporter, import_products, open_lines  # noqa: PLC0415
    from search.services.indexing import index_products  # noqa: PLC0415

    with gzip.open(products, "rt", encoding="utf-8") as file:
        originals = [json.loads(line) for line in file]
    with tempfile.NamedTemporaryFile("wt", suffix=".jsonl") as scratch:
        for row in make_products(originals, size):
            scratch.write(json.dumps(row) + "\n")
        scratch.flush()
        with open_lines(scratch.name) as lines:
            import_products(lines, "abort", Reporter())
    index_products()
    titles = [row["title"] for row in originals[:size]]
    _embed(encoder.encode_documents(titles), originals, size, encoder.model_version)


def make_products(originals: list[dict[str, Any]], size: int) -> Iterator[dict[str, Any]]:
    """`size` products; the same at every run."""
    chance = random.Random(0)
    for number in range(size):
        row = originals[number % len(originals)]
        if number < len(originals):
            yield row
            continue
        other = chance.choice(originals)
        key = f"{row['id']}-{number // len(originals)}"
        price = f"{chance.uniform(3, 400):.2f}"
        yield {
            "id": key,
            "title": _mix(row["title"], other["title"], chance),
            "description": _mix(
                row.get("description") or "", other.get("description") or "", chance
            ),
            "popularity": chance.random(),
            "variants": [{"sku": key, "list_price": price, "currency": "USD"}],
        }


def _mix(text: str, other: str, chance: random.Random) -> str:
    """`text` with a fifth of its words taken from `other`."""
    words, others = text.split(), other.split() or [""]
    mixed = [chance.choice(others) if chance.random() < 0.2 else word for word in words]
    return " ".join(mixed).strip() or text or "Product"


def _embed(
    vectors: NDArray[np.float32], originals: list[dict[str, Any]], size: int, model: str
) -> None:
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    chance = np.random.default_rng(0)
    with connection.cursor() as cursor:
        cursor.execute(_INDEX)
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX product_embedding_near")
        for copy in range(-(-size // len(originals))):
            count = min(len(originals), size - copy * len(originals))
            found = vectors[:count]
            if copy:
                noise = chance.standard_normal(found.shape) / np.sqrt(found.shape[1])
                found = found + NOISE * noise
            ids = [row["id"] + (f"-{copy}" if copy else "") for row in originals[:count]]
            texts = ["[" + ",".join(f"{x:.5f}" for x in row) + "]" for row in found.tolist()]
            cursor.execute(_STORE, [model, ids, texts])
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("UPDATE search_indexstate SET model_version = %s", [model])
        cursor.execute("VACUUM ANALYZE")
