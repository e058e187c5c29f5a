"""What the gate refuses stays on record with the reason, and the live run serves on."""

from dataclasses import replace

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from recommendations.exceptions import RunRefusedError
from recommendations.models import ActiveRun, MeasuredModel, ProductFactors, TrainingRun
from recommendations.services.activation import activate_run
from recommendations.services.engine import current_engine
from recommendations.services.measured import read_measured
from recommendations.services.training import Window, Wish, train
from recommendations.tasks import train_recommendations
from tests.factories.events import make_visitor
from tests.factories.recommendations import make_large_shop


@pytest.fixture
def window():
    return Window.ending(timezone.now(), 90)


@pytest.fixture
def large_shop(db):
    """Enough shoppers that the gate can measure."""
    return make_large_shop()


@pytest.fixture
def live(large_shop, window):
    return train(window)


def refused(window, **wish):
    """The refused run, after seeing that the live one is still live."""
    before = ActiveRun.objects.get().run_id
    with pytest.raises(RunRefusedError) as caught:
        train(window, **wish)
    run = TrainingRun.objects.latest("pk")
    assert (run.state, run.error) == ("refused", str(caught.value))
    assert ActiveRun.objects.get().run_id == before
    assert not ProductFactors.objects.filter(run=run).exists()
    return run


def test_a_run_is_measured_and_judged(live, window):
    metrics = TrainingRun.objects.get().metrics
    assert metrics["users"] >= 30
    assert set(metrics["metrics"]["blend"]) == {
        "ndcg@20", "recall@20", "map", "novelty@20", "coverage@20",
    }  # fmt: skip
    assert sum(band["users"] for band in metrics["bands"]) == metrics["users"]
    (popularity,) = metrics["gate"]["comparisons"]
    assert popularity["against"] == "popularity"
    assert popularity["difference"] > 0
    train(window)
    second = TrainingRun.objects.latest("pk")
    assert second.parent_id == live.run_id
    assert [one["against"] for one in second.metrics["gate"]["comparisons"]] == [
        "popularity", "live",
    ]  # fmt: skip


def test_what_a_run_was_measured_with_is_read_back(live):
    measured = read_measured(live.run_id)
    assert measured.product_ids.tolist() == sorted(measured.product_ids.tolist())
    assert measured.model.factors.factors.shape == (len(measured.product_ids), 64)
    assert MeasuredModel.objects.count() == 1


def test_events_that_are_gone_are_refused(live, window):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_event WHERE customer_id % 10 < 6")
    assert "less than 50% of them" in refused(window).error


def test_a_visitor_with_absurdly_many_views_is_refused(live, large_shop, window):
    visitor = make_visitor()
    flood(visitor, large_shop.garden[0])
    run = refused(window)
    assert "one shopper did 6,000 of the window's" in run.error


def flood(visitor, product):
    """Six thousand views of one visitor, as a robot leaves them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_event (event_id, type, visitor_id, product_id, occurred_at)
            SELECT 'flood-' || n, 'view', %s, %s, now() - interval '1 day'
            FROM generate_series(1, 6000) AS n
            """,
            [visitor.pk, product.pk],
        )


def test_weights_that_are_no_numbers_are_refused(live, window):
    engine = current_engine()
    weights = (float("nan"),) * len(engine.confidence.weights)
    poisoned = replace(engine, confidence=replace(engine.confidence, weights=weights))
    assert "weights are not finite numbers" in refused(window, engine=poisoned).error


def test_products_mixed_up_at_random_are_refused(live, window):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE events_event AS e SET product_id = mixed.product_id FROM (
              SELECT own.id, other.product_id FROM
                (SELECT id, row_number() OVER (ORDER BY id) AS n FROM events_event) AS own,
                (SELECT product_id, row_number() OVER (ORDER BY md5('mixed' || place)) AS n FROM
                  (SELECT product_id, row_number() OVER (ORDER BY id) AS place
                   FROM events_event) AS placed) AS other
              WHERE own.n = other.n
            ) AS mixed WHERE mixed.id = e.id
            """
        )
    run = refused(window)
    assert "nDCG@20 is" in run.error
    assert run.metrics["gate"]["refused"]


def test_a_worse_engine_is_refused_and_may_be_accepted_by_hand(live, window):
    # Nothing but what was popular lately, for a shop of tastes.
    worse = replace(current_engine(), blend=(0.0, 0.0, 1.0))
    run = refused(window, engine=worse)
    assert run.metrics["users"] >= 30
    accepted = train(window, worse, wish=Wish(accept=True, actor="a person"))
    assert ActiveRun.objects.get().run_id == accepted.run_id
    assert accepted.metrics["gate"]["refused"]


def test_the_task_and_the_command_tell_the_reason(live):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_event WHERE customer_id % 10 < 6")
    assert "less than 50%" in train_recommendations()["refused"]
    with pytest.raises(CommandError, match="Refused by the gate"):
        call_command("train_recommendations")


def test_the_same_parent_gives_the_same_factors(live, window):
    def factors(run_id):
        rows = ProductFactors.objects.filter(run=run_id).order_by("product_id")
        return np.array([row.vector for row in rows])

    reports = []
    for _ in range(2):
        activate_run(live.run_id, "a person")
        reports.append(train(window))
    first, second = (factors(report.run_id) for report in reports)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, factors(live.run_id))
    assert {TrainingRun.objects.get(pk=r.run_id).parent_id for r in reports} == {live.run_id}


def test_a_cold_training_has_no_parent(live, window, settings):
    assert TrainingRun.objects.get(pk=train(window, wish=Wish(cold=True)).run_id).parent is None
    settings.RECOMMENDATIONS_WARM_START = False
    assert TrainingRun.objects.get(pk=train(window).run_id).parent is None


def test_weights_and_fading_are_settings(db, settings):
    settings.RECOMMENDATIONS_WEIGHTS = {"view": 0.25}
    settings.RECOMMENDATIONS_HALF_LIFE_DAYS = 0.0
    confidence = current_engine().confidence
    assert confidence.weights[:3] == (0.25, 0.5, 3.0)
    assert confidence.half_life_days is None


def test_few_users_are_tested_on_earlier_parts_too(live):
    run = TrainingRun.objects.get()
    assert run.metrics["users"] < 200
    assert "parts" in run.metrics["gate"]["note"]
