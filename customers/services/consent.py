"""Note what shoppers allow."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from customers.models import ConsentRecord, Customer, Visitor
from customers.selectors import Subject, refuse_erased
from customers.services.merging import settle_person
from customers.services.personal_data import Person, forget_profile


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody said of each purpose; None: nothing, so it stays as it was."""

    analytics: bool | None = None
    personalisation: bool | None = None

    def as_fields(self) -> dict[str, bool]:
        """What was said, by the name of its field."""
        said = {"analytics": self.analytics, "personalisation": self.personalisation}
        return {name: value for name, value in said.items() if value is not None}


@transaction.atomic
def set_visitor_consent(
    visitor_id: UUID, consent: Consent, said_by: str = ConsentRecord.By.SHOPPER
) -> Visitor:
    """Note it for the visitor, created where unknown. Raises ErasedError where it was erased.

    What was learnt of one that refuses personalisation is gone when this commits.
    """
    refuse_erased(Subject.of(visitor_id=visitor_id))
    Visitor.objects.get_or_create(pk=visitor_id)
    visitor = Visitor.objects.select_for_update().get(pk=visitor_id)
    for name, value in consent.as_fields().items():
        setattr(visitor, name, value)
    visitor.consented_at = timezone.now()
    visitor.save(update_fields=["analytics", "personalisation", "consented_at"])
    ConsentRecord.objects.create(visitor=visitor, said_by=said_by, **consent.as_fields())
    if visitor.personalisation is False:
        forget_profile(Person(visitor_ids=(visitor_id,)))
    return visitor


@transaction.atomic
def set_customer_consent(
    public_id: str, consent: Consent, said_by: str = ConsentRecord.By.SHOPPER
) -> Customer:
    """Note it for the customer and all who are one with it, created where unknown.

    What was learnt of those who refuse personalisation is gone when this commits. Raises
    ErasedError where the customer was erased.
    """
    refuse_erased(Subject.of(customer_id=public_id))
    customer, _ = Customer.objects.get_or_create(public_id=public_id)
    root_id = customer.root_id or customer.pk
    said = consent.as_fields() | {"consented_at": timezone.now()}
    one = Customer.objects.filter(pk=root_id) | Customer.objects.filter(root=root_id)
    one.update(**said)
    ConsentRecord.objects.create(customer=customer, said_by=said_by, **consent.as_fields())
    settle_person(root_id)
    customer.refresh_from_db()
    return customer
