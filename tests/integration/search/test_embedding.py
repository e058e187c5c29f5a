"""Embeddings follow the texts under each model, and one model is live."""

import numpy as np
import pytest

from catalogue.models import Product
from search.models import IndexState, ProductEmbedding
from search.services.embedding import count_stale, embed_products
from search.services.indexing import index_products
from tests.factories.catalogue import make_product
from tests.factories.search import WordEncoder, build_index

pytestmark = pytest.mark.django_db


def test_only_changed_texts_are_embedded():
    make_product(title="Mug")
    second = make_product(title="Plate")
    encoder = WordEncoder()
    build_index(encoder)
    assert count_stale(encoder.model_version) == 0
    Product.objects.filter(pk=second.pk).update(title="Bowl")
    index_products()
    assert count_stale(encoder.model_version) == 1
    report = embed_products(encoder)
    assert report.embedded == 1
    assert encoder.encoded[-1] == "Bowl"


def test_changing_what_is_not_text_embeds_nothing():
    product = make_product()
    encoder = WordEncoder()
    build_index(encoder)
    Product.objects.filter(pk=product.pk).update(popularity=99)
    build_index(encoder)
    assert len(encoder.encoded) == 1


def test_named_products_alone_are_embedded():
    first, second = make_product(), make_product()
    index_products()
    assert embed_products(WordEncoder(), [first.pk]).embedded == 1
    assert not ProductEmbedding.objects.filter(product=second).exists()


def test_a_text_without_direction_is_stored_as_none_and_not_tried_again():
    make_product(title="!!!")
    encoder = WordEncoder()
    build_index(encoder)
    assert ProductEmbedding.objects.get().vector is None
    assert count_stale(encoder.model_version) == 0


def test_vectors_that_are_not_numbers_are_stored_as_none(monkeypatch):
    make_product(title="Mug")
    monkeypatch.setattr(WordEncoder, "_sum", lambda *_: np.full(384, np.nan))
    build_index(WordEncoder())
    assert ProductEmbedding.objects.get().vector is None


def test_progress_and_rate_are_told():
    for _ in range(3):
        make_product()
    index_products()
    seen = []
    report = embed_products(WordEncoder(), on_progress=seen.append)
    assert sum(seen) == report.embedded == 3
    assert report.rate > 0


def test_a_full_run_makes_its_model_live_and_keeps_the_former():
    make_product()
    for version in ("m-1", "m-2", "m-3"):
        build_index(WordEncoder(version))
        assert IndexState.objects.get().model_version == version
    versions = ProductEmbedding.objects.values_list("model_version", flat=True)
    assert set(versions) == {"m-2", "m-3"}


def test_a_partial_run_leaves_the_live_model():
    product = make_product()
    build_index(WordEncoder("m-1"))
    embed_products(WordEncoder("m-2"), [product.pk])
    assert IndexState.objects.get().model_version == "m-1"


def test_a_product_deleted_meanwhile_is_left_out():
    product = make_product()
    index_products()

    class Deleting(WordEncoder):
        def encode_documents(self, texts, on_batch=None):
            Product.objects.filter(pk=product.pk).delete()
            return super().encode_documents(texts, on_batch)

    embed_products(Deleting())
    assert not ProductEmbedding.objects.exists()
