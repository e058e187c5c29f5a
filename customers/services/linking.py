"""Link visitors to customers, end that at a logout, and undo it."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from customers.models import Customer, IdentityLink, Visitor
from customers.selectors import Subject, refuse_erased
from customers.signals import visitor_identified

# First what is in force is closed, for only one may be at a time, also within a statement.
_CLOSE = """
UPDATE customers_identitylink SET ended_at = linked_at
WHERE visitor_id = %s AND undone_at IS NULL AND ended_at IS NULL
"""
_SETTLE = """
UPDATE customers_identitylink AS link SET ended_at = bound.ended_at, claims_from = bound.claims_from
FROM (
  SELECT ended.id, ended.ended_at, greatest(
      lag(ended.ended_at) OVER (ORDER BY linked_at, ended.id),
      CASE WHEN linked_at >= device.others_until THEN device.others_until END
    ) AS claims_from
  FROM (
    SELECT id, linked_at,
      least(logged_out_at, lead(linked_at) OVER (ORDER BY linked_at, id)) AS ended_at
    FROM customers_identitylink WHERE visitor_id = %(visitor)s AND undone_at IS NULL
  ) AS ended
  JOIN customers_visitor AS device ON device.id = %(visitor)s
) AS bound
WHERE link.id = bound.id
"""


@transaction.atomic
def link_visitor(
    visitor_id: UUID, customer_public_id: str, *, at: datetime | None = None
) -> tuple[IdentityLink, bool]:
    """Let the visitor be the customer from `at` (now) on; the link in force, and whether it is new.

    Both are created where they are not known. A link to another customer ends there, and what it
    claimed stays that customer's. Raises ErasedError where either was erased.
    """
    refuse_erased(Subject.of(visitor_id=visitor_id), Subject.of(customer_id=customer_public_id))
    Visitor.objects.get_or_create(pk=visitor_id)
    _take_turn(visitor_id)
    customer, _ = Customer.objects.get_or_create(public_id=customer_public_id)
    current = IdentityLink.objects.in_force().filter(visitor=visitor_id)
    if (link := current.filter(customer=customer).first()) is not None:
        return link, False
    moment = at or timezone.now()
    link = IdentityLink(visitor_id=visitor_id, customer=customer, linked_at=moment)
    link.ended_at = moment  # until it is settled
    link.save()
    settle_links(visitor_id)
    link.refresh_from_db()
    transaction.on_commit(
        partial(
            visitor_identified.send_robust,
            sender=IdentityLink, visitor_id=visitor_id, customer_id=customer.pk,
        )
    )  # fmt: skip
    return link, True


@transaction.atomic
def log_out_visitor(visitor_id: UUID, *, at: datetime | None = None) -> IdentityLink | None:
    """End the visitor's link at `at` (now); the link, or None where none was in force.

    What was done until then stays the customer's; what follows is the visitor's alone.
    """
    _take_turn(visitor_id)
    link = IdentityLink.objects.in_force().filter(visitor=visitor_id).first()
    if link is None:
        return None
    link.logged_out_at = max(at or timezone.now(), link.linked_at)
    link.save(update_fields=["logged_out_at"])
    settle_links(visitor_id)
    link.refresh_from_db()
    return link


@transaction.atomic
def undo_link(link_id: int) -> IdentityLink | None:
    """Let the link never have been: all is as it was before. None where it was undone already.

    A link that it had ended is in force again.
    """
    found = IdentityLink.objects.filter(pk=link_id, undone_at=None).first()
    if found is None:
        return None
    _take_turn(found.visitor_id)
    undone = IdentityLink.objects.filter(pk=link_id, undone_at=None)
    if not undone.update(undone_at=timezone.now()):
        return None
    settle_links(found.visitor_id)
    found.refresh_from_db()
    return found


def unlink_visitor(visitor_id: UUID) -> IdentityLink | None:
    """Undo the link in force; the link, or None where the visitor has none."""
    link = IdentityLink.objects.in_force().filter(visitor=visitor_id).first()
    return None if link is None else undo_link(link.pk)


def _take_turn(visitor_id: UUID) -> None:
    """Let nobody else change this visitor's links until the transaction ends."""
    Visitor.objects.select_for_update().filter(pk=visitor_id).first()


def settle_links(visitor_id: UUID) -> None:
    """Work the bounds of the visitor's links out afresh."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [visitor_id])
        cursor.execute(_SETTLE, {"visitor": visitor_id})
