"""Products, their variants, and the offer of each variant: its price in force."""

from collections.abc import Iterable
from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now, Upper
from django.db.models.lookups import Exact
from django.utils import timezone

from catalogue.models.expressions import AnyOf
from catalogue.models.names import Brand, Category
from catalogue.models.validators import validate_attributes, validate_product_id
from catalogue.signals import announce_on_commit


def _money(**options: Any) -> "models.DecimalField[Any, Any]":
    """An amount: 14 digits, 4 of them decimals."""
    return models.DecimalField(max_digits=14, decimal_places=4, **options)


# What a product's text, and whether it is shown, depend on.
ANNOUNCED_FIELDS = frozenset(
    {"title", "description", "brand", "brand_id", "category", "category_id", "attributes",
     "published"}
)  # fmt: skip


class ProductQuerySet(models.QuerySet["Product"]):
    """Vocabulary of products."""

    def published(self) -> Self:
        """Products that shoppers may see: published, and with a variant that has a price."""
        return self.filter(
            Exists(Variant.objects.offered().filter(product=OuterRef("pk"))), published=True
        )

    def in_category(self, name: str) -> Self:
        """Products of the category that `name` means, or of one below it."""
        return self.filter(AnyOf("category_id", Category.objects.subtree_of(name)))

    def of_brands(self, names: Iterable[str]) -> Self:
        """Products of any brand whose name or slug is one of `names`."""
        return self.filter(AnyOf("brand_id", Brand.objects.called(names)))

    def in_stock(self) -> Self:
        """Products of which a variant can be bought."""
        return self.filter(Exists(Variant.objects.available().filter(product=OuterRef("pk"))))

    def sold_out(self) -> Self:
        """Products of which no variant can be bought."""
        return self.filter(~Exists(Variant.objects.available().filter(product=OuterRef("pk"))))


class Product(models.Model):
    """What is shown and sold. `public_id` is the merchant's own id; `id` stays inside.

    `save` announces the product where its text or publication may have changed.
    """

    public_id = models.CharField(
        "id", max_length=128, unique=True, validators=[validate_product_id]
    )
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True, default="")
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="products")
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products"
    )
    image_url = models.URLField(max_length=2000, null=True, blank=True)  # noqa: DJ001 - null = none, as on the wire
    popularity = models.FloatField(default=0)
    published = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict, blank=True, validators=[validate_attributes])
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = ProductQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("popularity").desc(), F("id").desc(), name="product_popularity"),
            models.Index(F("created_at").desc(), F("id").desc(), name="product_newness"),
            models.Index(F("title"), F("id"), name="product_title"),
            models.Index(OpClass(Upper("title"), "text_pattern_ops"), name="product_title_prefix"),
            GinIndex(
                fields=["attributes"], name="product_attributes", opclasses=["jsonb_path_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and announce the product once that is committed."""
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "updated_at"}
        with transaction.atomic():
            super().save(*args, **kwargs)
            if fields is None or not ANNOUNCED_FIELDS.isdisjoint(fields):
                announce_on_commit([self.pk])


_UNSOLD = Q(stock=None) | Q(stock__gt=0)


class VariantQuerySet(models.QuerySet["Variant"]):
    """Vocabulary of variants."""

    def offered(self) -> "VariantQuerySet":
        """Variants that have a price in force; one without is withdrawn."""
        return self.filter(offer__isnull=False)

    def available(self) -> "VariantQuerySet":
        """Variants that can be bought: offered, and stock is not tracked or there is some."""
        return self.offered().filter(_UNSOLD)

    def shown_in(self, currency: str) -> "VariantQuerySet":
        """Of each product the one variant whose price is shown, where that is in `currency`.

        What can be bought comes first, then this currency, then the least price.
        """
        own = Q(offer__currency=currency)
        mine = self.filter(own).alias(left=Case(When(_UNSOLD, then=True), default=False))
        cheaper = Q(offer__amount__lt=OuterRef("offer__amount")) | Q(
            offer__amount=OuterRef("offer__amount"), pk__lt=OuterRef("pk")
        )
        sold_out = Q(Exact(OuterRef("left"), Value(False)))  # noqa: FBT003 - an SQL literal
        better = (_UNSOLD & sold_out) | (own & cheaper & (_UNSOLD | sold_out))
        rivals = Variant.objects.offered().filter(better, product=OuterRef("product"))
        return mine.filter(~Exists(rivals))

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete, and announce the products concerned."""
        with transaction.atomic():
            announce_on_commit(
                list(self.order_by().values_list("product_id", flat=True).distinct())
            )
            return super().delete()


class Variant(models.Model):
    """A product in one size, colour or the like: what a price and a stock belong to.

    `save` gives a new variant its offer, and announces the product; `QuerySet.update` and
    `bulk_create` do not. That an offer at list price follows it, the database sees to.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=128, unique=True)
    attributes = models.JSONField(default=dict, blank=True, validators=[validate_attributes])
    list_price = _money()
    cost = _money(null=True, blank=True)
    currency = models.CharField(max_length=3)
    stock = models.IntegerField(null=True, blank=True, help_text="Empty: not tracked, available.")
    position = models.PositiveIntegerField(default=0)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            GinIndex(
                fields=["attributes"], name="variant_attributes", opclasses=["jsonb_path_ops"]
            ),
        ]
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save together with the offer."""
        with transaction.atomic():
            is_new = not Variant.objects.filter(pk=self.pk).exists()
            super().save(*args, **kwargs)
            if is_new:
                Offer.objects.create(variant=self, amount=self.list_price, currency=self.currency)
            announce_on_commit([self.product_id])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, and announce the product."""
        with transaction.atomic():
            announce_on_commit([self.product_id])
            return super().delete(*args, **kwargs)


class Offer(models.Model):
    """A variant's price in force; `price_version` grows with each change.

    Made at list price; from then on changed by rows of pricing's history alone, which the database
    sees to. `prior_price` and `discount` are what the law lets a page claim.
    """

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="offer")
    amount = _money()
    currency = models.CharField(max_length=3)
    prior_price = _money(
        null=True, help_text="Lowest of the days before the reduction began; empty: none."
    )
    discount = models.IntegerField(
        null=True, help_text="Per cent off the prior price that may be claimed; empty: none."
    )
    price_version = models.BigIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["currency", "amount"], name="offer_price")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="offer_not_negative"),
        ]

    def __str__(self) -> str:
        decimals = 2 if self.amount == round(self.amount, 2) else 4
        return f"{self.amount:.{decimals}f} {self.currency}"
