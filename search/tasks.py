"""Work on the index outside requests.

One product goes to the `fast` queue: it takes milliseconds, and its editor waits to find it. So do
the few of a small import, a handful at a time: no training holds them up, and they hold up no
shopper. More go to `pipeline`.
"""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from celery import shared_task
from django.conf import settings

from api.background import periodic
from search.algorithms.encoder import Encoder
from search.selectors.encoding import get_encoder
from search.services.embedding import count_stale, embed_products
from search.services.indexing import index_products
from search.services.query_log import prune_queries
from search.services.suggestions import build_suggestions
from search.services.weighing import count_if_changed

# From here on a session with all cores is worth the half second that it takes to load.
_MANY = 64
# Embedded in well under a second by one thread, which is how long a shopper may have to wait.
HANDFUL = 20


def _refresh(product_ids: Sequence[int] | None) -> dict[str, Any]:
    indexed = index_products(product_ids)
    encoder = get_encoder()
    if encoder is None:
        return {"indexed": len(indexed), "embedded": 0, "model": "not usable"}
    if count_stale(encoder.model_version, product_ids) >= _MANY:
        threads = len(os.sched_getaffinity(0))
        encoder = Encoder(Path(settings.EMBEDDING_MODEL_DIR), threads=threads)
    report = embed_products(encoder, product_ids)
    return {"indexed": len(indexed), "embedded": report.embedded, "model": report.model_version}


@shared_task
def refresh_product(product_id: int) -> None:
    """Index and embed one product, if its text changed."""
    _refresh([product_id])


@shared_task
def refresh_few_products(product_ids: list[int]) -> None:
    """Index and embed a handful of `product_ids`, and let the rest wait in line once more.

    What a lost message leaves undone, `refresh_index` finds.
    """
    _refresh(product_ids[:HANDFUL])
    if rest := product_ids[HANDFUL:]:
        refresh_few_products.delay(rest)


@shared_task
def refresh_products(product_ids: list[int]) -> None:
    """Index and embed those of `product_ids` whose text changed."""
    _refresh(product_ids)


@shared_task
@periodic("refresh search index")
def refresh_index() -> dict[str, Any]:
    """Index and embed whatever changed and no nudge led to."""
    return _refresh(None)


@shared_task
@periodic("search suggestions")
def refresh_suggestions() -> dict[str, Any]:
    """Build anew what is suggested while shoppers type."""
    return asdict(build_suggestions())


@shared_task
@periodic("count search corpus")
def count_search_corpus() -> dict[str, Any]:
    """Count how rare each word is, where documents changed since the last time."""
    return {"counted": count_if_changed()}


@shared_task
@periodic("prune search queries")
def prune_search_queries() -> dict[str, Any]:
    """Delete records of searches that were kept long enough."""
    return {"deleted": prune_queries()}
