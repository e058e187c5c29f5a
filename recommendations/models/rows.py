"""What a run produced: factors and ranked lists."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from pgvector.django import HalfVectorField, VectorField

from catalogue.models import Category, Product
from customers.models import Customer, Visitor
from recommendations.models.reasons import ReasonsField, pack_reasons
from recommendations.models.runs import TrainingRun


class RunRow(models.Model):
    """What belongs to one run, and goes with it.

    Foreign keys to shoppers and products have no constraint in the database: a run is written by
    COPY while the shop lives on, and a product deleted meanwhile must not undo it. What is read is
    joined with what exists.
    """

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True


class ProductFactors(RunRow):
    """A product in a run's model: everything that fold-in needs, in one row.

    `vector` holds the ALS factors; `length_norm` is BM25's; `neighbours` are the item-kNN's, with
    their similarities.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    vector = VectorField()
    length_norm = models.FloatField()
    popularity = models.FloatField(help_text="Shoppers who took it within the window.")
    recent_popularity = models.FloatField(help_text="The same within its last 30 days.")
    neighbours = ArrayField(models.BigIntegerField())
    similarities = ArrayField(models.FloatField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "product"], name="product_factors_one_per_run")
        ]

    def __str__(self) -> str:
        return f"factors of product {self.product_id} in run {self.run_id}"


class MeasuredModel(RunRow):
    """The model that a run was measured with, which knows nothing after the split.

    The next run is compared with it on a split that neither has seen the end of. `content` is an
    archive of arrays (numpy's .npz, without pickles).
    """

    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run"], name="measured_model_one_per_run")]

    def __str__(self) -> str:
        return f"what run {self.run_id} was measured with"


class EngineTuning(models.Model):
    """What a search for better settings found; the latest that is in use shapes trainings."""

    created_at = models.DateTimeField(db_default=Now())
    in_use = models.BooleanField(default=False)
    parameters = models.JSONField(help_text="The engine's settings.")
    figures = models.JSONField(default=dict, help_text="What they and the defaults reach.")
    actor = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "tuning"

    def __str__(self) -> str:
        return f"tuning {self.pk}"


class CustomerFactors(RunRow):
    """A customer in a run's model, as of the training."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    vector = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "run"], name="customer_factors_one_per_run"
            ),
        ]
        indexes = [models.Index(fields=["run"], name="customer_factors_run")]

    def __str__(self) -> str:
        return f"factors of customer {self.customer_id} in run {self.run_id}"


class RankedRow(RunRow):
    """A ranked list.

    `reasons[i]` are pairs [merchant's product id, share] behind product i; far down there are none.
    """

    product_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())
    reasons = ReasonsField(default=list, db_default=pack_reasons([]))
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class CustomerRecommendations(RankedRow):
    """What is recommended to a customer; an empty list where too little is known."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "run"], name="customer_recommendations_one_per_run"
            )
        ]
        indexes = [models.Index(fields=["run"], name="customer_recommendations_run")]
        verbose_name_plural = "customer recommendations"

    def __str__(self) -> str:
        return f"for customer {self.customer_id} from run {self.run_id}"


class VisitorRecommendations(RankedRow):
    """What is recommended to a visitor who is no known customer."""

    visitor = models.ForeignKey(
        Visitor, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visitor", "run"], name="visitor_recommendations_one_per_run"
            )
        ]
        indexes = [models.Index(fields=["run"], name="visitor_recommendations_run")]
        verbose_name_plural = "visitor recommendations"

    def __str__(self) -> str:
        return f"for visitor {self.visitor_id} from run {self.run_id}"


class SimilarProducts(RunRow):
    """Products that the same shoppers took, by kNN and by factors."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+", db_constraint=False)
    product_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "product"], name="similar_products_one_per_run")
        ]
        verbose_name_plural = "similar products"

    def __str__(self) -> str:
        return f"similar to product {self.product_id} in run {self.run_id}"


class PopularProducts(RunRow):
    """What many shoppers took lately, in a category and all below it, or (null) in the shop."""

    category = models.ForeignKey(
        Category, models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    product_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "category"],
                name="popular_products_one_per_run",
                nulls_distinct=False,
            )
        ]
        verbose_name_plural = "popular products"

    def __str__(self) -> str:
        return f"popular in category {self.category_id} in run {self.run_id}"


class TextNeighbours(models.Model):
    """Products whose texts are alike, by embedding: what is known of a product from its first day.

    They belong to no run: they change with the texts, not with behaviour. `text_hash` and
    `model_version` are those of the embedding that they were computed from.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="+")
    model_version = models.CharField(max_length=100)
    text_hash = models.CharField(max_length=32)
    product_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())
    computed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "text neighbours"

    def __str__(self) -> str:
        return f"texts like that of product {self.product_id}"
