"""Who is this? One answer for events, search and recommendations alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

# One row about `visitor` and `customer` (the merchant's id), for `read_shopper`. Statements that
# read more of a shopper take it in as a part, to save the question of its own: `customer_id` is
# theirs to join.
RESOLVE_SHOPPER = """
SELECT coalesce(named.id, link.customer_id) AS customer_id,
  coalesce(named.public_id, linked.public_id) AS customer_public_id
FROM (SELECT 1) AS one
LEFT JOIN customers_customer AS named ON named.public_id = %(customer)s
LEFT JOIN customers_identitylink AS link
  ON link.visitor_id = %(visitor)s AND link.unlinked_at IS NULL AND %(customer)s IS NULL
LEFT JOIN customers_customer AS linked ON linked.id = link.customer_id
"""


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who acts: a visitor, a customer, both, or nobody that we know.

    `customer_id` is the internal key; it is None for a customer whom we have not yet heard of.
    """

    visitor_id: UUID | None = None
    customer_id: int | None = None
    customer_public_id: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything personal may be read for this shopper."""
        return self.visitor_id is not None or self.customer_id is not None


NOBODY = Shopper()


def resolve_shopper(visitor_id: UUID | None, customer_public_id: str | None = None) -> Shopper:
    """The shopper behind a visitor and, where named, a customer; one query.

    A named customer wins over the one that the visitor is linked to.
    """
    if visitor_id is None and customer_public_id is None:
        return NOBODY
    with connection.cursor() as cursor:
        cursor.execute(RESOLVE_SHOPPER, {"visitor": visitor_id, "customer": customer_public_id})
        row = cursor.fetchone()
    return read_shopper(visitor_id, customer_public_id, row)


def read_shopper(
    visitor_id: UUID | None, customer_public_id: str | None, row: Sequence[Any]
) -> Shopper:
    """The shopper that a row of `RESOLVE_SHOPPER` tells of."""
    customer_id, found = row
    return Shopper(visitor_id, customer_id, customer_public_id or found)
