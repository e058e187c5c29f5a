"""Who is this? One answer for events, search and recommendations alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from customers.algorithms.tombstones import Subject
from customers.exceptions import ErasedError
from customers.selectors.tombstones import find_erased

# One row about `visitor` and `customer` (the merchant's id), for `read_shopper`. Statements that
# read more of a shopper take it in as a part, to save the question of its own: `customer_id` is
# theirs to join, and null where nothing personal may be read. Somebody who was merged into another
# customer is that other.
RESOLVE_SHOPPER = """
SELECT CASE WHEN visitor.personalisation IS NOT FALSE AND person.allows_personalisation
    THEN person.id END AS customer_id,
  person.public_id AS customer_public_id, person.id AS person_id,
  visitor.id IS NOT NULL AND NOT visitor.is_erasing AS is_visitor_there,
  coalesce(person.is_erasing, false) AS is_erasing,
  visitor.analytics AS device_analytics, visitor.personalisation AS device_personalisation,
  coalesce(person.allows_analytics, true) AS account_analytics,
  coalesce(person.allows_personalisation, true) AS account_personalisation
FROM (SELECT 1) AS one
LEFT JOIN customers_visitor AS visitor ON visitor.id = %(visitor)s
LEFT JOIN customers_customer AS named ON named.public_id = %(customer)s
LEFT JOIN customers_identitylink AS link
  ON link.visitor_id = %(visitor)s AND link.ended_at IS NULL AND link.undone_at IS NULL
  AND %(customer)s IS NULL
LEFT JOIN customers_customer AS linked ON linked.id = link.customer_id
LEFT JOIN customers_customer AS person
  ON person.id = coalesce(named.root_id, named.id, linked.root_id, linked.id)
"""


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who acts: a visitor, a customer, both, or nobody that we know; and what they allow.

    `customer_id` is the internal key; it is None for a customer whom we have not yet heard of.
    """

    visitor_id: UUID | None = None
    customer_id: int | None = None
    customer_public_id: str | None = None
    analytics: bool = True
    personalisation: bool = True

    @property
    def is_known(self) -> bool:
        """Whether anything personal may be read for this shopper."""
        has_id = self.visitor_id is not None or self.customer_id is not None
        return self.personalisation and has_id

    @property
    def for_log(self) -> "Shopper":
        """The shopper as a log may name them: nobody, where they refuse to be recorded."""
        return self if self.analytics else NOBODY


NOBODY = Shopper()


def resolve_shopper(visitor_id: UUID | None, customer_public_id: str | None = None) -> Shopper:
    """The shopper behind a visitor and, where named, a customer; one query.

    A named customer wins over the one that the visitor is linked to. An erased customer is nobody;
    for an erased visitor ErasedError is raised, for its device can have a new one.
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
    """The shopper that a row of `RESOLVE_SHOPPER` tells of; one query more for those not there.

    Raises ErasedError as `resolve_shopper` does.
    """
    _, found, customer_id, is_visitor_there, is_erasing, *consents = row
    if visitor_id is not None and not is_visitor_there:
        _refuse_erased_visitor(visitor_id)
    if customer_public_id is not None and customer_id is None and _is_erased(customer_public_id):
        return NOBODY
    if is_erasing:
        return NOBODY
    device, account = consents[:2], consents[2:]
    unasked = (customer_id, customer_public_id) != (None, None) or not settings.CONSENT_REQUIRED
    # What either refuses is refused; a device alone that was not asked may be taken to refuse.
    analytics, personalisation = (
        allowed and (unasked if said is None else said)
        for said, allowed in zip(device, account, strict=True)
    )
    return Shopper(visitor_id, customer_id, customer_public_id or found, analytics, personalisation)


def _refuse_erased_visitor(visitor_id: UUID) -> None:
    if find_erased([Subject.of(visitor_id=visitor_id)]):
        raise ErasedError("This visitor was erased.")


def _is_erased(customer_public_id: str) -> bool:
    return bool(find_erased([Subject.of(customer_id=customer_public_id)]))
