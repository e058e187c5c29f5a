"""API keys: hashed, prefixed, scoped."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Scope(models.TextChoices):
    """What a secret key may do beyond reading."""

    EVENTS_WRITE = "events:write", "Send events of any type for any shopper"
    CUSTOMERS_READ = "customers:read", "Read as a named customer"
    CUSTOMERS_WRITE = "customers:write", "Link visitors to customers"
    SEARCH_READ = "search:read", "Read synonyms, merchandising rules and search reports"
    SEARCH_WRITE = "search:write", "Change synonyms, merchandising rules and blocked suggestions"
    RECOMMENDATIONS_WRITE = "recommendations:write", "See training runs and make one live"
    PRIVACY_READ = "privacy:read", "Export what is kept of a customer; see erasures"
    PRIVACY_WRITE = "privacy:write", "Erase a customer for good"
    PRICES_READ = "prices:read", "Read costs and the reasons for prices"
    PRICES_WRITE = "prices:write", "Decide on prices, keep rules and flip the kill switch"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Vocabulary of API keys."""

    def active(self) -> "ApiKeyQuerySet":
        """Keys that were not revoked."""
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """A key that a front end (publishable) or a back end (secret) bears. Only its hash is kept."""

    class Kind(models.TextChoices):
        """How a key may be used."""

        PUBLISHABLE = "publishable", "Publishable: safe in a browser"
        SECRET = "secret", "Secret: a shop's back end"

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=11, choices=Kind)
    prefix = models.CharField(
        max_length=12, help_text="The key's first characters, to tell keys apart."
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key, in hex.")
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
