"""What the log of queries keeps of somebody, removed or shown."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from customers.services import Holding, Person, rows_about
from search.models import SearchQuery

# Also what was looked for on a device before a login: its link claims that as it claims events.
_THEIRS = """
query.customer_id = ANY(%(customers)s)
OR query.customer_id IS NULL AND query.visitor_id = ANY(%(visitors)s::uuid[])
OR query.customer_id IS NULL AND EXISTS (
  SELECT FROM customers_identitylink AS claim
  WHERE claim.visitor_id = query.visitor_id AND claim.customer_id = ANY(%(customers)s)
    AND claim.undone_at IS NULL AND query.created_at >= coalesce(claim.claims_from, '-infinity')
    AND query.created_at < coalesce(claim.ended_at, 'infinity')
)
"""
_DELETE = f"DELETE FROM search_searchquery AS query WHERE {_THEIRS}"  # noqa: S608 - constants
_FORGET_DEVICE = """
UPDATE search_searchquery SET visitor_id = NULL WHERE visitor_id = ANY(%(visitors)s::uuid[])
"""
_SHOWN = f"""
SELECT id, query, filters, ordering, created_at FROM search_searchquery AS query
WHERE {_THEIRS} ORDER BY id
"""  # noqa: S608 - put together from constants


def _erase(person: Person) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, person.as_parameters())
        removed = cursor.rowcount
        cursor.execute(_FORGET_DEVICE, person.as_parameters())
        scrubbed = cursor.rowcount
    return {"search_queries": removed, "search_queries_without_device": scrubbed}


def _export(person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = SearchQuery.objects.raw(_SHOWN, person.as_parameters())
    for row in rows.iterator():
        yield (
            "search_queries",
            {
                "query": row.query,
                "filters": row.filters,
                "ordering": row.ordering,
                "searched_at": row.created_at,
            },
        )


def _size(person: Person) -> int:  # noqa: ARG001 - all are looked through, whoever it is
    # To compare ids takes a tenth of the time that it takes to remove an event.
    return rows_about("search_searchquery") // 10


HOLDING = Holding((SearchQuery,), _erase, _export, size=_size)
