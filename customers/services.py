"""Create visitors; link them to customers, and undo that."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from customers.models import Customer, IdentityLink, Visitor
from customers.signals import visitor_identified


def create_visitor() -> Visitor:
    """A new anonymous visitor."""
    return Visitor.objects.create()


@transaction.atomic
def link_visitor(visitor_id: UUID, customer_public_id: str) -> tuple[IdentityLink, bool]:
    """Let the visitor be the customer from now on; the link in force, and whether it is new.

    Both are created where they are not known. A link to another customer ends; its record stays.
    """
    Visitor.objects.get_or_create(pk=visitor_id)
    Visitor.objects.select_for_update().get(pk=visitor_id)  # one link in force: take turns
    customer, _ = Customer.objects.get_or_create(public_id=customer_public_id)
    current = IdentityLink.objects.in_force().filter(visitor=visitor_id)
    if (link := current.filter(customer=customer).first()) is not None:
        return link, False
    moment = timezone.now()
    current.update(unlinked_at=moment)
    link = IdentityLink.objects.create(visitor_id=visitor_id, customer=customer, linked_at=moment)
    transaction.on_commit(
        partial(
            visitor_identified.send_robust,
            sender=IdentityLink, visitor_id=visitor_id, customer_id=customer.pk,
        )
    )  # fmt: skip
    return link, True


def unlink_visitor(visitor_id: UUID) -> bool:
    """Undo the visitor's link: its events are nobody's again. False where it has none."""
    current = IdentityLink.objects.in_force().filter(visitor=visitor_id)
    return bool(current.update(unlinked_at=timezone.now()))
