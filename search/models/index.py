"""What search reads: keyword documents, embeddings, their generation; and the log of queries."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from pgvector.django import HalfVectorField, HnswIndex, SparseVectorField

from catalogue.models import Product
from customers.models import Customer

DIMENSIONS = 384
# The most that pgvector allows: a lexeme's key is its dimension, so none is ever shared.
LEXEME_DIMENSIONS = 1_000_000_000


class Lexeme(models.Model):
    """A word form that occurs in products' texts; its key is its dimension in their weights."""

    id = models.AutoField(primary_key=True)
    text = models.TextField(unique=True)
    products = models.IntegerField(
        default=0, help_text="How many shown products have it, at the last count."
    )
    champions = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        help_text="Of a frequent one: the products that it says most about, best first.",
    )

    def __str__(self) -> str:
        return self.text


class Word(models.Model):
    """A word as it is written in what is shown, which a misspelt one may stand for."""

    text = models.CharField(max_length=40, primary_key=True)
    products = models.IntegerField(default=0, help_text="How many products have it.")

    def __str__(self) -> str:
        return self.text


class Corpus(models.Model):
    """One row: what the weights of words rest on, as last counted.

    `version` grows when the average length has moved so far that weights are computed anew.
    """

    version = models.IntegerField(default=0)
    products = models.IntegerField(default=0)
    average_length = models.FloatField(default=1)
    changes = models.IntegerField(default=0, help_text="Documents written since the count.")
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "corpus"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="corpus_single_row")]

    def __str__(self) -> str:
        return f"version {self.version}, {self.products} products"


class ProductDocument(models.Model):
    """A product's text as lexemes: A title, B brand and category, C attributes, D description.

    `weights` holds what each lexeme says about the product (BM25 without the part that is the
    query's), under the corpus of version `weighed`.
    """

    product = models.OneToOneField(
        Product, models.CASCADE, primary_key=True, related_name="document"
    )
    text_hash = models.CharField(max_length=32, help_text="MD5 of the product's one text.")
    keywords = SearchVectorField()
    kinds = ArrayField(
        models.TextField(),
        null=True,
        blank=True,
        help_text="What the product is, as lexemes: the nouns of its title and its category.",
    )
    weights = SparseVectorField(dimensions=LEXEME_DIMENSIONS, null=True)
    weighed = models.IntegerField(default=-1, db_default=-1)
    length = models.FloatField(default=0, db_default=0, help_text="In words; a title's count 3.")
    shown = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Published and with a price, as of the last refresh; pages look again.",
    )
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # Every search would read through the list of updates that are yet to be made.
            GinIndex(fields=["keywords"], name="product_document_keywords", fastupdate=False),
            models.Index(fields=["weighed"], name="product_document_weighed"),
        ]

    def __str__(self) -> str:
        return f"document of product {self.product_id}"


class ProductEmbedding(models.Model):
    """The vector of a product's text under one model; null where the text has no direction."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="embeddings", db_index=False)
    model_version = models.CharField(max_length=100)
    text_hash = models.CharField(max_length=32, help_text="MD5 of the text that was embedded.")
    vector = HalfVectorField(dimensions=DIMENSIONS, null=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "model_version"], name="one_per_model")
        ]
        indexes = [
            HnswIndex(
                fields=["vector"],
                name="product_embedding_graph",
                opclasses=["halfvec_cosine_ops"],
                m=16,
                ef_construction=400,
            )
        ]

    def __str__(self) -> str:
        return f"embedding of product {self.product_id} by {self.model_version}"


class IndexState(models.Model):
    """One row. `generation` grows whenever what search finds may have changed.

    `model_version` is the model that every product was last embedded under; empty before.
    `vocabulary` grows when the words for corrections change,
    `merchandising` grows with each change of synonyms, rules and what is blocked, by triggers.
    """

    generation = models.BigIntegerField(default=0)
    model_version = models.CharField(max_length=100, default="", blank=True)
    merchandising = models.BigIntegerField(default=0, db_default=0)
    vocabulary = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="index_state_single_row")]

    def __str__(self) -> str:
        return f"generation {self.generation}"


class SearchQuery(models.Model):
    """One answered search: who asked what, and what was shown. Append-only."""

    request_id = models.UUIDField(unique=True)
    query = models.CharField(max_length=512, blank=True)
    filters = models.JSONField(default=dict, blank=True)
    ordering = models.CharField(max_length=20)
    visitor_id = models.UUIDField(null=True, blank=True)
    # No constraint: a log neither blocks the deletion of a customer nor needs a check to be
    # written.
    customer = models.ForeignKey(
        Customer, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False
    )
    offset = models.PositiveIntegerField(default=0, help_text="How many were on earlier pages.")
    product_ids = ArrayField(models.BigIntegerField(), help_text="Shown products, in order.")
    source = models.CharField(max_length=20)
    model_version = models.CharField(max_length=100, blank=True)
    generation = models.BigIntegerField()
    cached = models.BooleanField(default=False)
    duration_ms = models.FloatField(help_text="In the view, without the log itself.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "search queries"
        indexes = [models.Index(F("created_at").desc(), name="search_query_newness")]

    def __str__(self) -> str:
        return self.query or "(browsing)"
