"""Who is whom changes whose events are whose: so recommendations are due."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction

from customers.models import ConsentRecord, Customer, CustomerMerge, IdentityLink, Visitor
from customers.services import (
    Consent,
    link_visitor,
    log_out_visitor,
    merge_customers,
    set_customer_consent,
    set_visitor_consent,
    undo_link,
    unmerge_customer,
)
from events.models import RefreshRequest
from events.services.refreshes import request_refreshes
from events.signals import interactions_recorded


@transaction.atomic
def identify_visitor(visitor_id: UUID, customer_public_id: str) -> IdentityLink:
    """Link the visitor to the customer, both created where unknown; the link in force."""
    link, is_new = link_visitor(visitor_id, customer_public_id)
    if is_new:
        _refresh([link.customer_id])
        RefreshRequest.objects.filter(visitor=visitor_id).delete()  # the customer's covers it
    return link


@transaction.atomic
def log_out(visitor_id: UUID) -> IdentityLink | None:
    """End the visitor's link, keeping what it claimed; the link, or None where there is none."""
    return log_out_visitor(visitor_id)


@transaction.atomic
def unlink(visitor_id: UUID) -> IdentityLink | None:
    """Undo the link in force; the link, or None where the visitor has none."""
    link = IdentityLink.objects.in_force().filter(visitor=visitor_id).first()
    return None if link is None else take_back_link(link.pk)


@transaction.atomic
def take_back_link(link_id: int) -> IdentityLink | None:
    """Undo a link, in force or ended; the link, or None where it was undone already."""
    link = undo_link(link_id)
    if link is not None:
        others = IdentityLink.objects.filter(visitor=link.visitor_id, undone_at=None)
        _refresh(
            [link.customer_id, *others.values_list("customer_id", flat=True)], [link.visitor_id]
        )
    return link


@transaction.atomic
def merge(public_id: str, into_public_id: str) -> CustomerMerge:
    """Let one customer be another; the merge in force. As `customers.services.merge_customers`."""
    found, is_new = merge_customers(public_id, into_public_id)
    if is_new:
        _refresh([found.merged_id, found.into_id])
    return found


@transaction.atomic
def unmerge(public_id: str) -> CustomerMerge | None:
    """Undo it. As `customers.services.unmerge_customer`."""
    found = unmerge_customer(public_id)
    if found is not None:
        _refresh([found.merged_id, found.into_id])
    return found


@transaction.atomic
def note_consent(
    consent: Consent,
    visitor_id: UUID | None = None,
    customer_public_id: str | None = None,
    *,
    said_by: str = ConsentRecord.By.SHOPPER,
) -> tuple[Visitor | None, Customer | None]:
    """Note what whoever is named allows; the two as they stand.

    A device's word concerns those too whom its links let have learnt from it.
    """
    visitor = customer = None
    customers: set[int] = set()
    if visitor_id is not None:
        visitor = set_visitor_consent(visitor_id, consent, said_by)
        links = IdentityLink.objects.filter(visitor=visitor_id, undone_at=None)
        customers.update(links.values_list("customer_id", flat=True))
    if customer_public_id is not None:
        customer = set_customer_consent(customer_public_id, consent, said_by)
        customers.add(customer.pk)
    _refresh(sorted(customers), [visitor.pk] if visitor else [])
    return visitor, customer


def _refresh(customer_ids: Sequence[int], visitor_ids: Sequence[UUID] = ()) -> None:
    """Have recommendations made anew; those who are one with another are that other."""
    roots = Customer.objects.filter(pk__in=customer_ids).values_list("pk", "root_id")
    people = sorted({root or pk for pk, root in roots})
    request_refreshes(people, sorted(visitor_ids))
    transaction.on_commit(
        partial(
            interactions_recorded.send_robust,
            sender=None, customer_ids=people, visitor_ids=list(visitor_ids),
        )
    )  # fmt: skip
