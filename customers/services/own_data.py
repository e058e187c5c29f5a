"""What this app itself keeps of somebody: who they are, and what they said."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model, Q, QuerySet

from customers.models import (
    ConsentRecord,
    Customer,
    CustomerMerge,
    IdentityLink,
    Tombstone,
    Visitor,
)
from customers.services.linking import settle_links
from customers.services.personal_data import Holding, Person

# Of a device that others use too: whom the one that goes had ended stays ended there, and whoever
# comes later claims nothing of their time, also of what is sent late. A time is all that is kept.
_KEEP_ENDS = """
UPDATE customers_identitylink AS link SET logged_out_at = link.ended_at
FROM customers_identitylink AS gone
WHERE gone.customer_id = ANY(%(customers)s) AND gone.undone_at IS NULL
  AND link.visitor_id = gone.visitor_id AND link.customer_id <> ALL(%(customers)s)
  AND link.undone_at IS NULL AND link.ended_at = gone.linked_at
"""
_KEEP_TIMES = """
UPDATE customers_visitor AS device SET others_until = greatest(others_until, gone.until)
FROM (
  SELECT visitor_id, max(coalesce(ended_at, statement_timestamp())) AS until
  FROM customers_identitylink
  WHERE customer_id = ANY(%(customers)s) AND undone_at IS NULL GROUP BY visitor_id
) AS gone
WHERE device.id = gone.visitor_id AND NOT device.is_erasing
"""


def _erase(person: Person) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ENDS, person.as_parameters())
        cursor.execute(_KEEP_TIMES, person.as_parameters())
    links = IdentityLink.objects.filter(_links_of(person))
    shared = set(links.values_list("visitor_id", flat=True)) - set(person.visitor_ids)
    merges = CustomerMerge.objects.filter(
        Q(merged__in=person.customer_ids) | Q(into__in=person.customer_ids)
    )
    customers = Customer.objects.filter(pk__in=person.customer_ids)
    users = get_user_model().objects.filter(
        customer__in=customers, is_staff=False, is_superuser=False
    )
    removed = {
        "admin_log_entries": LogEntry.objects.filter(_logged(person, links)).delete()[0],
        "users": users.count(),
        "consents": ConsentRecord.objects.filter(_said_by(person)).delete()[0],
        "identity_links": links.count(),
        "customer_merges": merges.count(),
        "customers": customers.count(),
        "visitors": Visitor.objects.filter(pk__in=person.visitor_ids).count(),
    }
    users.delete()
    links.delete()
    merges.delete()
    customers.update(root=None)
    customers.delete()
    Visitor.objects.filter(pk__in=person.visitor_ids).delete()
    for visitor_id in sorted(shared):
        settle_links(visitor_id)
    return removed


def _export(person: Person) -> Iterator[tuple[str, dict[str, Any]]]:
    shown = ("analytics", "personalisation", "consented_at", "is_bot", "created_at")
    for customer in Customer.objects.filter(pk__in=person.customer_ids).values("public_id", *shown):
        yield "customers", {"id": customer.pop("public_id"), **customer}
    for visitor in Visitor.objects.filter(pk__in=person.visitor_ids).values("id", *shown):
        yield "visitors", visitor
    told = (
        "customer__public_id",
        "visitor_id",
        "analytics",
        "personalisation",
        "said_by",
        "said_at",
    )
    for consent in ConsentRecord.objects.filter(_said_by(person)).order_by("pk").values(*told):
        yield "consents", {"customer_id": consent.pop("customer__public_id"), **consent}
    fields = ("visitor_id", "customer__public_id", "linked_at", "logged_out_at", "undone_at")
    for link in IdentityLink.objects.filter(_links_of(person)).values(*fields):
        yield "identity_links", {"customer_id": link.pop("customer__public_id"), **link}
    merges = CustomerMerge.objects.filter(merged__in=person.customer_ids)
    pairs = merges.values_list("merged__public_id", "into__public_id", "merged_at", "undone_at")
    for merge in pairs:
        names = ("customer_id", "into", "merged_at", "undone_at")
        yield "customer_merges", dict(zip(names, merge, strict=True))


def _logged(person: Person, links: QuerySet[IdentityLink]) -> Q:
    """What the admin's own log tells of them."""
    keys: dict[type[Model], list[Any]] = {
        Customer: list(person.customer_ids),
        Visitor: list(person.visitor_ids),
        IdentityLink: list(links.values_list("pk", flat=True)),
    }
    kinds = ContentType.objects.get_for_models(*keys)
    logged = Q(pk__in=[])
    for model, ids in keys.items():
        logged |= Q(content_type=kinds[model], object_id__in=[str(key) for key in ids])
    return logged


def _said_by(person: Person) -> Q:
    return Q(customer__in=person.customer_ids) | Q(visitor__in=person.visitor_ids)


def _links_of(person: Person) -> Q:
    return Q(customer__in=person.customer_ids) | Q(visitor__in=person.visitor_ids)


# A tombstone names nobody: it is what is left.
HOLDING = Holding(
    (Customer, Visitor, ConsentRecord, IdentityLink, CustomerMerge, Tombstone, LogEntry),
    _erase,
    _export,
)
