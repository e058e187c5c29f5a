"""Let two customers be one, and undo that; nothing that either did is rewritten."""

from django.db import connection, transaction
from django.utils import timezone

from customers.exceptions import MergeError, UnknownCustomerError
from customers.models import Customer, CustomerMerge
from customers.selectors import Subject, refuse_erased
from customers.services.personal_data import Person, forget_profile

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('merge customers', 0))"
# Everybody whom merges in force tie to `customer`, with the one at the end of each chain; and what
# all of those together allow. A function of what was said and of the merges, nothing else.
_SETTLE = """
WITH RECURSIVE tied AS (
  SELECT %(customer)s::bigint AS id
  UNION
  SELECT CASE WHEN m.merged_id = tied.id THEN m.into_id ELSE m.merged_id END
  FROM tied JOIN customers_customermerge AS m
    ON m.undone_at IS NULL AND (m.merged_id = tied.id OR m.into_id = tied.id)
), person AS (
  SELECT min(id) FILTER (WHERE NOT EXISTS (
      SELECT FROM customers_customermerge AS m WHERE m.merged_id = tied.id AND m.undone_at IS NULL
    )) AS root_id
  FROM tied
), allowed AS (
  SELECT bool_and(analytics IS NOT FALSE) AS analytics,
    bool_and(personalisation IS NOT FALSE) AS personalisation
  FROM customers_customer WHERE id IN (SELECT id FROM tied)
)
UPDATE customers_customer AS c SET root_id = nullif(person.root_id, c.id),
  allows_analytics = allowed.analytics, allows_personalisation = allowed.personalisation
FROM person, allowed WHERE c.id IN (SELECT id FROM tied)
RETURNING c.id, c.allows_personalisation
"""


@transaction.atomic
def merge_customers(public_id: str, into_public_id: str) -> tuple[CustomerMerge, bool]:
    """Let customer `public_id` be `into_public_id` from now on; the merge, and whether it is new.

    All that either did and does counts for the latter. Both are created where they are not known.
    Chains are followed; a circle, or a second merge of the same customer, raises MergeError.
    """
    refuse_erased(*(Subject.of(customer_id=key) for key in (public_id, into_public_id)))
    _take_turn()
    merged, _ = Customer.objects.get_or_create(public_id=public_id)
    into, _ = Customer.objects.get_or_create(public_id=into_public_id)
    merge = CustomerMerge.objects.filter(merged=merged, undone_at=None).first()
    if merge is not None and merge.into_id == into.pk:
        return merge, False
    if merge is not None:
        raise MergeError("already_merged", "This customer is merged already; undo that first.")
    if (into.root_id or into.pk) == merged.pk:
        raise MergeError("merge_cycle", "The other one is merged into this customer.")
    merge = CustomerMerge.objects.create(merged=merged, into=into)
    settle_person(merged.pk)
    return merge, True


@transaction.atomic
def unmerge_customer(public_id: str) -> CustomerMerge | None:
    """Undo the merge of customer `public_id`: each is who it was. None where it is not merged.

    Raises UnknownCustomerError for a customer whom nobody knows.
    """
    _take_turn()
    customer = Customer.objects.filter(public_id=public_id).first()
    if customer is None:
        raise UnknownCustomerError("There is no such customer.")
    merge = CustomerMerge.objects.filter(merged=customer, undone_at=None).first()
    if merge is None:
        return None
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    settle_person(merge.merged_id)
    settle_person(merge.into_id)
    return merge


def settle_person(customer_id: int) -> None:
    """Work out who `customer_id` and all who are one with it are, and what they allow.

    What was learnt of those who refuse it goes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"customer": customer_id})
        refusing = tuple(key for key, allows in cursor.fetchall() if not allows)
    if refusing:
        forget_profile(Person(customer_ids=refusing))


def _take_turn() -> None:
    """Let nobody else merge until the transaction ends: chains span many rows."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
