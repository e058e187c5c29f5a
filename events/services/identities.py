"""Let a visitor be a customer: its earlier events count, so recommendations are due."""

from functools import partial
from uuid import UUID

from django.db import transaction

from customers.models import IdentityLink
from customers.services import link_visitor
from events.models import RefreshRequest
from events.services.refreshes import request_refresh
from events.signals import interactions_recorded


@transaction.atomic
def identify_visitor(visitor_id: UUID, customer_public_id: str) -> IdentityLink:
    """Link the visitor to the customer, both created where unknown; the link in force."""
    link, is_new = link_visitor(visitor_id, customer_public_id)
    if is_new:
        request_refresh(link.customer_id)
        RefreshRequest.objects.filter(visitor=visitor_id).delete()  # the customer's covers it
        transaction.on_commit(
            partial(
                interactions_recorded.send_robust,
                sender=None, customer_ids=[link.customer_id], visitor_ids=[],
            )
        )  # fmt: skip
    return link
