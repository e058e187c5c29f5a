"""Small expressions of PostgreSQL's that the ORM lacks."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Func, QuerySet


class StartsWith(Func):
    """Whether the first text begins with the second."""

    function = "starts_with"
    arity = 2
    output_field = BooleanField()


class AnyOf(Func):
    """Whether a column is one of the keys that a query gives.

    The query runs once, before the rest is planned as a look-up in an index; `IN (query)` is
    planned as a join, by guessing how many rows the query gives.
    """

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, query: QuerySet[Any]) -> None:
        super().__init__(column, ArraySubquery(query.values("pk")))
