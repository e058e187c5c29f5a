"""What PostgreSQL does for a read: the plans of the statements that it runs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def plans_of(read: Callable[[], Any]) -> list[dict[str, Any]]:
    """The plan of each statement that `read` runs, all its nodes in one list each."""
    with CaptureQueriesContext(connection) as queries:
        read()
    return [_explain(query["sql"]) for query in queries]


def months_read(read: Callable[[], Any]) -> list[str]:
    """The months of the log, such as 202601, that the one statement of `read` would look into."""
    (plan,) = plans_of(read)
    tables = {node.get("Relation Name", "") for node in nodes_of(plan)}
    return sorted(name[-6:] for name in tables if name.startswith("events_event_2"))


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of `plan`, from the top."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def _explain(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {statement}")
        (answer,) = cursor.fetchone()
    plans = json.loads(answer) if isinstance(answer, str) else answer
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan
