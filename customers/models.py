"""Shoppers: customers, anonymous visitors, which visitor is whom, and who is gone."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone


class BotReason(models.TextChoices):
    """Who says that a shopper is a bot, or that it is none."""

    RATE = "rate", "more events than a person can make"
    PERSON = "person", "a person said so"


class Shopping(models.Model):
    """What customers and visitors have in common: their consent, and whether they are a bot.

    `analytics` and `personalisation` are what they said; null: they were not asked.
    """

    analytics = models.BooleanField(null=True, help_text="May what they do be recorded?")
    personalisation = models.BooleanField(null=True, help_text="May it shape what they see?")
    consented_at = models.DateTimeField(null=True, help_text="When they last said so.")
    is_bot = models.BooleanField(db_default=False)
    bot_reason = models.CharField(max_length=6, choices=BotReason, blank=True, db_default="")
    is_erasing = models.BooleanField(
        db_default=False, editable=False, help_text="Its erasure has begun."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Customer(Shopping):
    """A shopper whom the merchant knows, under the merchant's own id.

    `root`, `allows_analytics` and `allows_personalisation` follow from merges and from what those
    who are one said: `customers.services.merging` keeps them. A refusal of one counts for all.
    """

    public_id = models.CharField("id", max_length=128, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="customer"
    )
    root = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="members", db_index=False,
        help_text="The customer that this one is, where they were merged.",
    )  # fmt: skip
    allows_analytics = models.BooleanField(db_default=True, editable=False)
    allows_personalisation = models.BooleanField(db_default=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["root"], condition=Q(root__isnull=False), name="customer_merged"),
            # The few who are not simply themselves: what a scan of the log joins.
            models.Index(
                fields=["id"],
                condition=Q(root__isnull=False) | Q(allows_personalisation=False) | Q(is_bot=True),
                name="customer_special",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Visitor(Shopping):
    """An anonymous device, named by a signed token that holds its id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    others_until = models.DateTimeField(
        null=True, editable=False,
        help_text="Until then somebody who was erased used it; no later link claims that.",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(personalisation=False) | Q(is_bot=True),
                name="visitor_special",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ConsentRecord(models.Model):
    """What a customer or a visitor said, when, and through whom; never changed, only erased.

    Null: nothing was said of that purpose. What holds now stands with the shopper.
    """

    class By(models.TextChoices):
        """Who told it."""

        SHOPPER = "shopper", "the shopper's own token"
        SHOP = "shop", "the shop's secret key"

    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="consents")
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="consents")
    analytics = models.BooleanField(null=True)
    personalisation = models.BooleanField(null=True)
    said_by = models.CharField(max_length=7, choices=By)
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer=None) ^ Q(visitor=None), name="consent_of_one"
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class IdentityLinkQuerySet(models.QuerySet["IdentityLink"]):
    """Vocabulary of identity links."""

    def in_force(self) -> "IdentityLinkQuerySet":
        """Links of visitors who are a customer now."""
        return self.filter(ended_at=None, undone_at=None)


class IdentityLink(models.Model):
    """That a visitor is a customer: the anonymous events of [`claims_from`, `ended_at`) are theirs.

    What happened is `linked_at`, `logged_out_at` and `undone_at`. The bounds follow from it, over
    all links of the visitor that were not undone: a link ends at the logout or where the next
    begins, and claims from where the one before ended. So undoing a link undoes all it did.
    """

    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="links")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="links")
    linked_at = models.DateTimeField(default=timezone.now)
    logged_out_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    claims_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Empty: from the visitor's first event on."
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Empty: in force."
    )

    objects = IdentityLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visitor"],
                condition=Q(ended_at=None, undone_at=None),
                name="one_link_in_force",
            ),
            models.CheckConstraint(
                condition=Q(logged_out_at=None) | Q(logged_out_at__gte=F("linked_at")),
                name="logged_out_after_linked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visitor_id} is {self.customer_id}"


class CustomerMerge(models.Model):
    """That one customer is another, until it is undone."""

    merged = models.ForeignKey(Customer, models.CASCADE, related_name="merges")
    into = models.ForeignKey(Customer, models.CASCADE, related_name="absorbed")
    merged_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at=None), name="one_merge_in_force"
            ),
            models.CheckConstraint(condition=~Q(merged=F("into")), name="merged_into_another"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} is {self.into_id}"


class Tombstone(models.Model):
    """That somebody was erased: a keyed hash of the id, by which later data are refused."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    key_id = models.CharField(max_length=8, help_text="Which secret it was made with.")
    erased_at = models.DateTimeField(db_default=Now())
    erasure = models.ForeignKey("Erasure", models.PROTECT, related_name="tombstones")

    class Meta:
        indexes = [models.Index(fields=["key_id"], name="tombstone_key")]

    def __str__(self) -> str:
        return bytes(self.digest).hex()[:12]


class Erasure(models.Model):
    """The receipt of an erasure: what was removed, but not whose it was.

    `work` holds the internal keys that a run which was cut short goes on with; empty when done.
    """

    class State(models.TextChoices):
        """How an erasure stands."""

        RUNNING = "running"
        DONE = "done"

    class Kind(models.TextChoices):
        """Who is erased."""

        CUSTOMER = "customer"
        VISITOR = "visitor"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="Rows removed, by what they were.")
    training_runs = models.JSONField(default=list, help_text="Runs whose models learnt from them.")
    unreached = models.JSONField(default=list, help_text="Where copies may be left.")
    work = models.JSONField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(F("requested_at").desc(), name="erasure_newness"),
            models.Index(fields=["id"], condition=Q(state="running"), name="erasure_running"),
        ]

    def __str__(self) -> str:
        return f"erasure {self.id}"
