"""A catalogue of any size out of real products: themselves first, then copies with changed words.

A fifth of the words of a copy are those of another product; its description is cut short.
"""

import gzip
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.copies import copy_products
from benchmarks.search.vectors import store_vectors

CHANGED_WORDS = 0.2
LONGEST = 200  # characters of a copy's description
KILOBYTES = 2  # of memory for a product while its vector is indexed; measured: 1.5
# What is filled faster without, and built in one go when all is there.
_WORDS, _NEAR = "product_document_keywords", "product_embedding_graph"
_FIND = "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)"


def fill_catalogue(products: Path, size: int, encoder: Any, embedded: int) -> None:
    """Import, index and embed `size` products made of the file `products`.

    The titles of the first `embedded` go through the model; `vectors` says what the others have.
    """
    clock = _Clock()
    with gzip.open(products, "rt", encoding="utf-8") as file:
        originals = [json.loads(line) for line in file]
    sources = choose_sources(len(originals), size)
    keys = _store(originals, sources)
    clock.tell("stored")
    definitions = _drop_indexes()
    titled = sources[: max(embedded, len(originals))]
    titles = [row["title"] for row in make_products(originals, titled)]
    store_vectors(encoder, titles, sources, keys)
    clock.tell("embedded")
    _index(definitions, size, clock.tell)
    _settle(encoder.model_version)


def _index(definitions: dict[str, str], size: int, tell: Callable[[str], None]) -> None:
    """Index texts and vectors at the same time, each of them on its own connection."""

    def words() -> None:
        from search.services.indexing import index_products  # noqa: PLC0415

        index_products()
        tell("texts weighed")
        _build(definitions[_WORDS], size)
        tell("texts indexed")

    def vectors() -> None:
        _build(definitions[_NEAR], size)
        tell("vectors indexed")

    with ThreadPoolExecutor(2) as pool:
        for task in [pool.submit(vectors), pool.submit(words)]:
            task.result()


def is_filled() -> bool:
    """Whether an earlier run filled this shop to its end."""
    from search.models import IndexState  # noqa: PLC0415 - Django must be set up

    return IndexState.objects.exclude(model_version="").exists()


class _Clock:
    """Tells what was done when: with a million products each step takes minutes."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()

    def tell(self, step: str) -> None:
        now = time.perf_counter()
        print(f"  {step} after {now - self._begun:,.0f} s", flush=True)


def choose_sources(originals: int, size: int) -> NDArray[np.int64]:
    """Of each product its original, and the other one whose words it has; shape (size, 2)."""
    others = np.random.default_rng(0).integers(0, min(originals, size), size)
    return np.stack([np.arange(size) % originals, others], axis=1)


def make_products(
    originals: list[dict[str, Any]], sources: NDArray[np.int64]
) -> Iterator[dict[str, Any]]:
    """One product for each row of `sources`; the same at every run."""
    chance = random.Random(1)
    for number, (own, lent) in enumerate(sources.tolist()):
        row, other = originals[own], originals[lent]
        if number < len(originals):
            yield row
            continue
        key = f"{row['id']}-{number // len(originals)}"
        yield {
            "id": key,
            "title": _mix(row["title"], other["title"], chance) or "Product",
            "description": _mix(
                (row.get("description") or "")[:LONGEST], other.get("description") or "", chance
            ),
            "popularity": chance.random(),
        }


def _mix(text: str, other: str, chance: random.Random) -> str:
    """`text` with a fifth of its words taken from `other`."""
    others = other.split()
    if not others:
        return text
    return " ".join(
        others[int(chance.random() * len(others))] if chance.random() < CHANGED_WORDS else word
        for word in text.split()
    )


def _store(originals: list[dict[str, Any]], sources: NDArray[np.int64]) -> list[int]:
    """Import the originals and copy the others; the keys, in the order of `sources`."""
    from catalogue.models import Product  # noqa: PLC0415 - Django must be set up
    from catalogue.services import Reporter, import_products  # noqa: PLC0415

    made = make_products(originals, sources)
    real = list(itertools.islice(made, len(originals)))
    import_products(enumerate((json.dumps(row).encode() for row in real), 1), "abort", Reporter())
    keys = dict(Product.objects.values_list("public_id", "id"))
    return [keys[row["id"]] for row in real] + copy_products(made)


def _drop_indexes() -> dict[str, str]:
    """Drop what is built anew, and answer how, by name."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute(_FIND, [[_WORDS, _NEAR]])
        found = dict(cursor.fetchall())
        for name in found:
            cursor.execute(f"DROP INDEX {name}")
    return found


def _build(definition: str, size: int) -> None:
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute(f"SET maintenance_work_mem = '{max(256, size * KILOBYTES // 1024)}MB'")
        cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")


def _settle(model_version: str) -> None:
    """Make the model the live one, which says too that the catalogue is whole."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("UPDATE search_indexstate SET model_version = %s", [model_version])
