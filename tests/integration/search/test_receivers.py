"""A change of products is followed by one task, and a lost one by the sweep."""

import pytest

from api.background.models import PeriodicRun
from catalogue.signals import products_changed
from search import receivers, tasks
from search.models import Corpus, ProductDocument, ProductEmbedding
from tests.factories.catalogue import make_product


@pytest.fixture
def nudged(monkeypatch):
    sent = []
    monkeypatch.setattr(receivers, "nudge", lambda task, *args: sent.append((task, *args)))
    return sent


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([7], (tasks.refresh_product, 7)),
        ([7, 8], (tasks.refresh_few_products, [7, 8])),
        (list(range(500)), (tasks.refresh_products, list(range(500)))),
        (list(range(2000)), (tasks.refresh_index,)),
    ],
)
def test_one_task_follows(nudged, ids, expected):
    products_changed.send(sender=None, product_ids=ids)
    assert nudged == [expected]


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (tasks.refresh_product, "fast"),
        (tasks.refresh_few_products, "fast"),
        (tasks.refresh_products, "pipeline"),
        (tasks.refresh_index, "pipeline"),
    ],
)
def test_a_few_products_go_to_the_fast_queue_and_many_to_the_pipeline(task, queue):
    assert task.app.amqp.router.route({}, task.name)["queue"].name == queue


@pytest.mark.django_db
def test_saving_a_product_leads_to_a_nudge(nudged, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        product = make_product()
    assert (tasks.refresh_product, product.pk) in nudged


@pytest.mark.django_db
@pytest.mark.usefixtures("encoder")
def test_a_task_indexes_and_embeds():
    product = make_product()
    tasks.refresh_product(product.pk)
    assert ProductEmbedding.objects.get().product_id == product.pk


@pytest.mark.django_db
@pytest.mark.usefixtures("encoder")
def test_a_few_are_done_a_handful_at_a_time(monkeypatch):
    """So that whoever comes meanwhile waits for no more than a handful."""
    keys = [make_product().pk for _ in range(2 * tasks.HANDFUL + 3)]
    waiting = []
    monkeypatch.setattr(tasks.refresh_few_products, "delay", waiting.append)
    tasks.refresh_few_products(keys)
    assert ProductEmbedding.objects.count() == tasks.HANDFUL
    while waiting:
        tasks.refresh_few_products(waiting.pop())
    assert set(ProductEmbedding.objects.values_list("product_id", flat=True)) == set(keys)


@pytest.mark.django_db
@pytest.mark.usefixtures("encoder")
def test_the_sweep_finds_what_no_nudge_led_to():
    make_product()
    make_product()
    assert tasks.refresh_index() == {"indexed": 2, "embedded": 2, "model": "words-1"}
    assert tasks.refresh_index() == {"indexed": 0, "embedded": 0, "model": "words-1"}
    assert PeriodicRun.objects.filter(name="refresh search index").count() == 2


@pytest.mark.django_db
def test_without_a_model_products_are_indexed_all_the_same():
    make_product()
    assert tasks.refresh_index()["model"] == "not usable"
    assert ProductDocument.objects.count() == 1


@pytest.mark.django_db
def test_the_corpus_is_counted_when_something_changed():
    make_product(title="Mug")
    tasks.refresh_index()
    assert tasks.count_search_corpus() == {"counted": False}
    Corpus.objects.update(changes=1)
    assert tasks.count_search_corpus() == {"counted": True}
    assert tasks.count_search_corpus() == {"counted": False}
