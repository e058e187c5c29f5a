"""What is kept of somebody, and how it is removed and shown: each app says so of its own tables.

Apps register in `AppConfig.ready`. So whoever erases or exports need not know them, and an app
below needs nothing of one above. A test asserts that every model which names a shopper is here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, models

# Removing so many rows takes a second or two: more is not done while a client waits.
MANY_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: a customer with all who are one with them, and the visitors that are theirs alone.

    Or a visitor by itself. `customer_ids` are internal keys, `public_ids` the merchant's.
    """

    customer_ids: tuple[int, ...] = ()
    public_ids: tuple[str, ...] = ()
    visitor_ids: tuple[UUID, ...] = ()

    def as_parameters(self) -> dict[str, Any]:
        """Parameters `customers`, `public_ids` and `visitors` of an SQL statement."""
        return {
            "customers": list(self.customer_ids),
            "public_ids": list(self.public_ids),
            "visitors": list(self.visitor_ids),
        }


def _no_runs(person: Person) -> list[int]:  # noqa: ARG001
    return []


def _nowhere() -> list[str]:
    return []


def _nothing(person: Person) -> None:
    """Nothing is learnt of anybody here."""


def _few(person: Person) -> int:  # noqa: ARG001
    return 0


@dataclass(frozen=True, slots=True)
class Holding:
    """What one app keeps of people.

    `erase` removes it, in the transaction at hand, and tells how many rows of what it removed;
    again it finds nothing. `export` yields (section, record that JSON can hold). `runs` are the
    training runs that learnt from somebody, `unreached` where copies may be that `erase` does not
    reach, and `size` about how many rows it goes through, which need not be told beyond
    `MANY_ROWS`. `forget` removes what was learnt of somebody, and leaves what it was learnt from.
    """

    models: tuple[type[models.Model], ...]
    erase: Callable[[Person], Mapping[str, int]]
    export: Callable[[Person], Iterator[tuple[str, dict[str, Any]]]]
    runs: Callable[[Person], list[int]] = _no_runs
    unreached: Callable[[], list[str]] = _nowhere
    size: Callable[[Person], int] = _few
    forget: Callable[[Person], None] = _nothing


_holdings: list[Holding] = []


def register_holding(holding: Holding) -> None:
    """Make `holding` known; what is registered later is erased earlier."""
    _holdings.append(holding)


def forget_profile(person: Person) -> None:
    """Remove what was learnt of somebody who refuses that, in the transaction at hand."""
    for holding in all_holdings():
        holding.forget(person)


def rows_about(table: str) -> int:
    """About how many rows `table` has, as PostgreSQL last counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = %s::regclass", [table]
        )
        return int(cursor.fetchone()[0])


def all_holdings() -> list[Holding]:
    """Every holding, of the highest app first: nothing is removed that others still point to."""
    return list(reversed(_holdings))
