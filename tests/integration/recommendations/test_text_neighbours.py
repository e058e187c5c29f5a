"""Text neighbours follow the embeddings."""

import numpy as np
import pytest
from django.db import connection

from events.models import RefreshRequest
from recommendations.models import CustomerRecommendations, TextNeighbours
from recommendations.services.neighbours import update_neighbours
from recommendations.services.refreshing import refresh_due_shoppers
from recommendations.services.store import load_model
from search.models import IndexState, ProductEmbedding
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, record_event
from tests.factories.recommendations import train_now

ANGLES = {"a": 0.0, "b": 0.2, "c": 0.5, "far": 3.0}


def embed(product, angle, model="m", text_hash="1"):
    vector = np.zeros(384)
    vector[:2] = np.cos(angle), np.sin(angle)
    ProductEmbedding.objects.update_or_create(
        product=product, model_version=model,
        defaults={"text_hash": text_hash, "vector": vector.tolist()},
    )  # fmt: skip


@pytest.fixture
def products(db):
    IndexState.objects.update_or_create(pk=1, defaults={"model_version": "m"})
    found = {name: make_product(name) for name in ANGLES}
    for name, product in found.items():
        embed(product, ANGLES[name])
    return found


def neighbours_of(product):
    row = TextNeighbours.objects.get(product=product)
    return dict(zip(row.product_ids, row.scores, strict=True))


def test_the_nearest_come_first_with_their_cosine(products):
    assert update_neighbours() == 4
    found = neighbours_of(products["a"])
    assert list(found) == [products["b"].pk, products["c"].pk]
    assert list(found.values()) == pytest.approx([np.cos(0.2), np.cos(0.5)], abs=1e-3)
    assert neighbours_of(products["far"]) == {}


def test_without_news_nothing_is_read(products, django_assert_num_queries):
    update_neighbours()
    with django_assert_num_queries(1):
        assert update_neighbours() == 0


def test_a_new_product_has_neighbours_and_is_one(products):
    update_neighbours()
    new = make_product()
    embed(new, 0.1)
    update_neighbours()
    assert products["a"].pk in neighbours_of(new)
    assert new.pk in neighbours_of(products["a"])


def test_a_changed_text_is_found(products):
    update_neighbours()
    embed(products["far"], 0.05, text_hash="2")
    update_neighbours()
    assert next(iter(neighbours_of(products["far"]))) == products["a"].pk


def test_another_model_renews_all(products):
    update_neighbours()
    for product in products.values():
        embed(product, 0.0, model="n")
    IndexState.objects.update(model_version="n")
    assert update_neighbours() == 4
    assert set(TextNeighbours.objects.values_list("model_version", flat=True)) == {"n"}


def test_a_text_without_direction_has_no_neighbours(products):
    blank = make_product()
    ProductEmbedding.objects.create(product=blank, model_version="m", text_hash="1", vector=None)
    update_neighbours()
    assert not TextNeighbours.objects.filter(product=blank).exists()


def test_an_empty_shop(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert update_neighbours() == 0


def test_a_training_and_a_refresh_hear_what_reads_alike(shop):
    met, unmet = shop.garden[0], make_product()
    record_event("purchase", product=unmet, customer=make_customer())
    IndexState.objects.update_or_create(pk=1, defaults={"model_version": "m"})
    embed(met, 0.0)
    embed(unmet, 0.1)
    update_neighbours()
    run = train_now()
    trained = CustomerRecommendations.objects.get(customer=shop.gardener)
    reasons = dict(zip(trained.product_ids, trained.reasons, strict=False))
    assert [cause for cause, _ in reasons[unmet.pk]] == [met.public_id]
    assert load_model(run.run_id).model.similarity[:, [-1]].nnz == 0
    RefreshRequest.objects.all().delete()
    RefreshRequest.objects.create(customer=shop.gardener)
    refresh_due_shoppers()
    refreshed = CustomerRecommendations.objects.get(customer=shop.gardener)
    assert refreshed.product_ids == trained.product_ids
    assert refreshed.scores == pytest.approx(trained.scores, abs=1e-4)
    assert refreshed.reasons == trained.reasons
