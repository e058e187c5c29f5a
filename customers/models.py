"""Shoppers: customers, anonymous visitors, and which visitor is whom."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Customer(models.Model):
    """A shopper whom the merchant knows, under the merchant's own id."""

    public_id = models.CharField("id", max_length=128, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="customer"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.public_id


class Visitor(models.Model):
    """An anonymous device, named by a signed token that holds its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)


class IdentityLinkQuerySet(models.QuerySet["IdentityLink"]):
    """Vocabulary of identity links."""

    def in_force(self) -> "IdentityLinkQuerySet":
        """Links that were not undone."""
        return self.filter(unlinked_at=None)


class IdentityLink(models.Model):
    """From `linked_at` until `unlinked_at`, the visitor is the customer."""

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="links")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="links")
    linked_at = models.DateTimeField(default=timezone.now)
    unlinked_at = models.DateTimeField(null=True, blank=True)

    objects = IdentityLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(unlinked_at=None), name="one_link_in_force"
            ),
            models.CheckConstraint(
                condition=Q(unlinked_at=None) | Q(unlinked_at__gte=models.F("linked_at")),
                name="unlinked_after_linked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visitor_id} is {self.customer_id}"
