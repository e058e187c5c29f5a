"""Keep a record of each answered search."""

import logging
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import Error
from django.utils import timezone

from api.prepared import run_prepared
from search.models import SearchQuery

logger = logging.getLogger(__name__)

# Who was erased meanwhile is not named. Nobody waits for this row, so it does not wait for the disk
# either: a crash of the database may cost the last half second of the log.
_RECORD = """
WITH setting AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO search_searchquery (
  request_id, query, filters, ordering, visitor_id, customer_id, "offset", product_ids,
  source, model_version, generation, cached, duration_ms, created_at
)
SELECT %(request_id)s, %(query)s, %(filters)s::jsonb, %(ordering)s, still.visitor_id,
  still.customer_id, %(offset)s, %(product_ids)s::bigint[], %(source)s, %(model_version)s,
  %(generation)s, %(cached)s, %(duration_ms)s, now()
FROM setting, customers_still(%(visitor_id)s::uuid, %(customer_id)s::bigint) AS still
RETURNING true
"""


@dataclass(frozen=True, slots=True)
class AnsweredSearch:
    """A search and what was shown for it. `offset` counts products on earlier pages."""

    request_id: UUID
    query: str
    filters: dict[str, Any]
    ordering: str
    visitor_id: UUID | None
    customer_id: int | None
    offset: int
    product_ids: list[int]
    source: str
    model_version: str
    generation: int
    cached: bool
    duration_ms: float


def record_search(search: AnsweredSearch) -> None:
    """Store `search`. Never raises for a database that can't: the answer is out already."""
    row = {field.name: getattr(search, field.name) for field in fields(search)}
    row["filters"] = orjson.dumps(search.filters).decode()
    try:
        run_prepared(_RECORD, row)
    except Error as error:
        logger.warning("search %s was not logged: %s", search.request_id, error)


def prune_queries() -> int:
    """Delete what is older than SEARCH_QUERIES_RETENTION_DAYS (0: nothing is); how many rows."""
    days = settings.SEARCH_QUERIES_RETENTION_DAYS
    if not days:
        return 0
    horizon = timezone.now() - timedelta(days=days)
    return SearchQuery.objects.filter(created_at__lt=horizon).delete()[0]
