"""A trainer killed at any moment leaves readers one whole generation, however often."""

import random
import signal
import subprocess
import sys
import time

import pytest

from recommendations.models import (
    ActiveRun,
    CustomerRecommendations,
    MeasuredModel,
    PopularProducts,
    ProductFactors,
    SimilarProducts,
    TrainingRun,
)
from tests.factories.recommendations import make_large_shop, train_now
from tests.factories.victims import victims_environment, wait_for_the_dead

pytestmark = pytest.mark.django_db(transaction=True)

# Trains in a process of its own, again and again: first to tell that it is ready, then for real.
TRAINER = """
import django
django.setup()
from recommendations.services import training
from tests.factories.recommendations import train_now
print("ready", flush=True)
train_now()
print("done", flush=True)
"""
CUSTOMERS, PRODUCTS = 80, 80


def start_trainer():
    """A trainer that is about to begin."""
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINER], env=victims_environment(),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    return process


def assert_one_whole_generation():
    """Every run that has rows has all of them, and what is live is one of these."""
    live = ActiveRun.objects.get().run_id
    of_runs = {
        model: dict(_counts(model))
        for model in (CustomerRecommendations, ProductFactors, SimilarProducts)
    }
    assert set(of_runs[CustomerRecommendations].values()) == {CUSTOMERS}
    assert set(of_runs[ProductFactors].values()) == {PRODUCTS}
    assert set(of_runs[SimilarProducts].values()) == {PRODUCTS}
    whole = set(of_runs[ProductFactors])
    assert set(of_runs[CustomerRecommendations]) == set(of_runs[SimilarProducts]) == whole
    assert live in whole
    assert MeasuredModel.objects.filter(run=live).exists()
    assert PopularProducts.objects.filter(run=live, category=None).exists()
    ready = TrainingRun.objects.filter(state="ready").values_list("pk", flat=True)
    assert whole == set(ready)


def _counts(model):
    from django.db.models import Count  # noqa: PLC0415 - beside its one use

    return model.objects.values_list("run_id").annotate(rows=Count("*"))


def kill_at_random(kills):
    make_large_shop(CUSTOMERS)
    train_now()
    started = time.monotonic()
    train_now()
    whole = time.monotonic() - started
    draw = random.Random(7)
    killed = 0
    for _ in range(kills):
        process = start_trainer()
        time.sleep(draw.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        killed += "done" not in process.communicate()[0]
        wait_for_the_dead()
        assert_one_whole_generation()
    train_now()
    assert_one_whole_generation()
    assert not TrainingRun.objects.filter(state="running").exists()
    assert killed >= kills // 2, "the kills came too late to show anything"


def test_killed_at_five_random_moments():
    kill_at_random(5)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_killed_at_fifty_random_moments():
    kill_at_random(50)
