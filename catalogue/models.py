"""Categories, brands, products, variants, and the price in force of each variant."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

MONEY = {"max_digits": 14, "decimal_places": 4}


class Category(models.Model):
    """A node of the category tree, which also holds its whole path from the root."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=200)
    slug = models.CharField(
        max_length=900, unique=True, help_text="Full path, such as phones/cases."
    )
    path = ArrayField(models.TextField(), unique=True, help_text="Names from the root to here.")

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return " > ".join(self.path)


class Brand(models.Model):
    """Who makes a product."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.CharField(max_length=220, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    """Vocabulary of products."""

    def published(self) -> "ProductQuerySet":
        """Products that shoppers may see: published, and with a variant that has a price."""
        return self.filter(
            Exists(Variant.objects.filter(product=OuterRef("pk"), offer__isnull=False)),
            published=True,
        )

    def in_stock(self) -> "ProductQuerySet":
        """Products of which a variant can be bought."""
        return self.filter(Exists(Variant.objects.available().filter(product=OuterRef("pk"))))


class Product(models.Model):
    """What is shown and sold. `public_id` is the merchant's own id; `id` stays inside."""

    public_id = models.CharField("id", max_length=128, unique=True)
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True, default="")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="products")
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products"
    )
    image_url = models.URLField(max_length=2000, null=True, blank=True)  # noqa: DJ001 - null = none, as on the wire
    popularity = models.FloatField(default=0)
    published = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("popularity").desc(), F("id").desc(), name="product_popularity"),
            models.Index(F("created_at").desc(), F("id").desc(), name="product_newness"),
            GinIndex(
                fields=["attributes"], name="product_attributes", opclasses=["jsonb_path_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.title


class VariantQuerySet(models.QuerySet["Variant"]):
    """Vocabulary of variants."""

    def available(self) -> "VariantQuerySet":
        """Variants that can be bought: stock is not tracked, or there is some."""
        return self.filter(Q(stock=None) | Q(stock__gt=0))


class Variant(models.Model):
    """A product in one size, colour or the like: what a price and a stock belong to."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=128, unique=True)
    attributes = models.JSONField(default=dict, blank=True)
    list_price = models.DecimalField(**MONEY)
    cost = models.DecimalField(**MONEY, null=True, blank=True)
    currency = models.CharField(max_length=3)
    stock = models.IntegerField(null=True, blank=True, help_text="Empty: not tracked, available.")
    position = models.PositiveIntegerField(default=0)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(list_price__gte=0), name="list_price_not_negative"),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0), name="cost_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="currency_iso_4217"
            ),
            models.CheckConstraint(
                condition=Q(stock=None) | Q(stock__gte=0), name="stock_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.sku


class Offer(models.Model):
    """A variant's price in force; `price_version` grows with each change."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="offer")
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    price_version = models.BigIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["currency", "amount"], name="offer_price")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="offer_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
