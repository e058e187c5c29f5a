"""What runs computed for somebody, removed or shown; and which of them learnt from somebody."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from customers.services import Holding, Person, hold_off_erasures
from events.selectors import TRAINING_TYPES
from recommendations.models import (
    CustomerFactors,
    CustomerRecommendations,
    VisitorRecommendations,
)

# A run learnt from what it found in its window; a run that is under way may have.
_RUNS = """
SELECT run.id FROM recommendations_trainingrun AS run
WHERE run.state IN ('running', 'ready') AND (
  EXISTS (
    SELECT FROM events_event AS e
    WHERE e.customer_id = ANY(%(customers)s) AND e.type = ANY(%(types)s)
      AND e.product_id IS NOT NULL AND e.occurred_at < run.window_end
      AND e.occurred_at >= coalesce(run.window_start, '-infinity')
      AND e.received_at < coalesce(run.finished_at, 'infinity')
  ) OR EXISTS (
    SELECT FROM events_event AS e
    WHERE e.visitor_id = ANY(%(devices)s::uuid[]) AND e.customer_id IS NULL
      AND e.type = ANY(%(types)s) AND e.product_id IS NOT NULL AND e.occurred_at < run.window_end
      AND e.occurred_at >= coalesce(run.window_start, '-infinity')
      AND e.received_at < coalesce(run.finished_at, 'infinity')
  )
)
"""
_DEVICES = """
SELECT visitor_id FROM customers_identitylink
WHERE customer_id = ANY(%(customers)s) AND undone_at IS NULL
"""
_GONE = """
DELETE FROM recommendations_{table} AS row USING (
  SELECT id FROM customers_{who} WHERE is_erasing OR {refusing}
) AS one WHERE row.run_id = %s AND row.{who}_id = one.id
"""
_MISSING = """
DELETE FROM recommendations_{table} AS row
WHERE row.run_id = %s AND NOT EXISTS (SELECT FROM customers_{who} WHERE id = row.{who}_id)
"""
_TABLES = (
    ("customerfactors", "customer", "NOT allows_personalisation"),
    ("customerrecommendations", "customer", "NOT allows_personalisation"),
    ("visitorrecommendations", "visitor", "personalisation IS FALSE"),
)


def drop_erased(run_id: int) -> None:
    """Remove from a run, before it is committed, who was erased, or refused, since it read the log.

    Holds erasures off until the transaction at hand ends.
    """
    hold_off_erasures()
    with connection.cursor() as cursor:
        for table, who, refusing in _TABLES:
            for statement in (_GONE, _MISSING):
                cursor.execute(statement.format(table=table, who=who, refusing=refusing), [run_id])


def _erase(person: Person) -> dict[str, int]:
    customers, visitors = person.customer_ids, person.visitor_ids
    factors, _ = CustomerFactors.objects.filter(customer__in=customers).delete()
    lists, _ = CustomerRecommendations.objects.filter(customer__in=customers).delete()
    devices, _ = VisitorRecommendations.objects.filter(visitor__in=visitors).delete()
    return {
        "customer_factors": factors,
        "recommendation_lists": lists + devices,
    }


def _forget(person: Person) -> None:
    _erase(person)


def _export(person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    shown = ("run_id", "computed_at", "product_ids", "scores", "reasons")
    for model, condition in (
        (CustomerRecommendations, {"customer__in": person.customer_ids}),
        (VisitorRecommendations, {"visitor__in": person.visitor_ids}),
    ):
        for row in model.objects.filter(**condition).values(*shown).iterator():
            yield "recommendations", row
    for row in CustomerFactors.objects.filter(customer__in=person.customer_ids).iterator():
        yield "factors", {"run_id": row.run_id, "vector": list(row.vector)}


def _runs(person: Person) -> list[int]:
    parameters = person.as_parameters() | {"types": [str(kind) for kind in TRAINING_TYPES]}
    with connection.cursor() as cursor:
        cursor.execute(_DEVICES, parameters)
        linked = [row[0] for row in cursor.fetchall()]
        cursor.execute(_RUNS, parameters | {"devices": [*person.visitor_ids, *linked]})
        return [row[0] for row in cursor.fetchall()]


HOLDING = Holding(
    (CustomerFactors, CustomerRecommendations, VisitorRecommendations),
    _erase,
    _export,
    _runs,
    forget=_forget,
)
