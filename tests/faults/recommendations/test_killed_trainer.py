"""A trainer killed at any point leaves the last good run serving, whole."""

import pytest

from recommendations.models import (
    ActiveRun,
    CustomerRecommendations,
    ProductFactors,
    TrainingRun,
)
from tests.factories.recommendations import make_shop, train_now
from tests.factories.victims import run_and_die

pytestmark = pytest.mark.django_db(transaction=True)

# Runs training in a process of its own, which dies by SIGKILL when it calls `point`.
TRAINER = """
import os, signal, sys, django
django.setup()
from recommendations.services import training
from tests.factories.recommendations import train_now
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(training, sys.argv[1], die)
train_now()
"""
POINTS = ("fit_model", "write_similar", "ShopperLists", "activate_run", "prune_runs")


def test_readers_keep_one_whole_run():
    make_shop()
    good = train_now().run_id
    for point in POINTS[:-1]:
        run_and_die(TRAINER, point)
        assert ActiveRun.objects.get().run_id == good
        assert set(CustomerRecommendations.objects.values_list("run_id", flat=True)) == {good}
        assert set(ProductFactors.objects.values_list("run_id", flat=True)) == {good}
    run_and_die(TRAINER, "prune_runs")  # the flip was committed: the new run is live, and whole
    live = ActiveRun.objects.get().run_id
    assert live > good
    assert CustomerRecommendations.objects.filter(run_id=live).count() == 16
    assert ProductFactors.objects.filter(run_id=live).count() == 24
    train_now()
    assert not TrainingRun.objects.filter(state="running").exists()
    assert TrainingRun.objects.filter(error="The trainer was stopped.").count() == 4
