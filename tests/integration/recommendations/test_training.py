"""Training: what is written, what goes live, and what does not."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from api.background.periodic import advisory_lock
from recommendations.exceptions import EmptyWindowError, TrainingInProgressError, UnknownRunError
from recommendations.models import (
    ActiveRun,
    CustomerFactors,
    CustomerRecommendations,
    PopularProducts,
    ProductFactors,
    RunActivation,
    SimilarProducts,
    TrainingRun,
    VisitorRecommendations,
)
from recommendations.services import training
from recommendations.services.activation import activate_run, roll_back
from recommendations.services.store import load_model
from recommendations.services.training import Window, Wish, train
from recommendations.tasks import train_recommendations
from tests.factories.events import make_link, make_visitor, record_event
from tests.factories.recommendations import train_now


def test_every_list_is_written_and_goes_live(shop, run):
    assert ActiveRun.objects.get().run_id == run.run_id
    assert (run.events, run.shoppers, run.products, run.lists) == (112, 16, 24, 16)
    assert ProductFactors.objects.count() == SimilarProducts.objects.count() == 24
    assert CustomerRecommendations.objects.count() == CustomerFactors.objects.count() == 16
    assert set(PopularProducts.objects.values_list("category__name", flat=True)) == {
        None, "Garden", "Kitchen",
    }  # fmt: skip
    stored = TrainingRun.objects.get()
    assert stored.state == "ready"
    assert {"read", "measure", "fit", "write", "total"} <= set(stored.seconds)


def test_a_gardener_is_given_the_rest_of_the_garden_first(shop, run):
    row = CustomerRecommendations.objects.get(customer=shop.gardener)
    garden = {product.pk for product in shop.garden}
    bought = {product.pk for product in shop.garden[:7]}
    assert set(row.product_ids[:5]) == garden - bought
    assert row.scores == sorted(row.scores, reverse=True)


def test_reasons_name_what_the_shopper_bought(shop, run):
    row = CustomerRecommendations.objects.get(customer=shop.gardener)
    bought = {product.public_id for product in shop.garden[:7]}
    assert len(row.reasons) == len(row.product_ids)
    for reason in row.reasons[:5]:
        assert {product_id for product_id, _ in reason} <= bought
        assert 0 < sum(share for _, share in reason) <= 1.001


def test_the_same_events_give_the_same_lists(shop):
    window = Window.ending(timezone.now(), 90)
    first, second = (train(window, wish=Wish(cold=True)) for _ in range(2))
    lists = [
        list(
            CustomerRecommendations.objects.filter(run_id=report.run_id)
            .order_by("customer_id").values_list("product_ids", "scores", "reasons")
        )
        for report in (first, second)
    ]  # fmt: skip
    assert lists[0] == lists[1]


def test_a_model_is_read_back_as_it_was(shop, run):
    stored = load_model(run.run_id)
    again = load_model(run.run_id)
    assert stored.product_ids.tolist() == sorted(p.pk for p in [*shop.garden, *shop.kitchen])
    assert (stored.model.similarity != again.model.similarity).nnz == 0
    assert stored.model.factors.regularization > 0


def test_anonymous_visitors_are_learned_from_and_served(shop):
    visitor = make_visitor()
    for product in shop.kitchen[:5]:
        record_event("view", product=product, visitor=visitor)
    train_now()
    row = VisitorRecommendations.objects.get(visitor=visitor)
    assert row.product_ids[0] in {product.pk for product in shop.kitchen[5:]}


def test_a_linked_visitor_counts_as_the_customer(shop):
    visitor = make_visitor()
    record_event("add_to_cart", product=shop.garden[8], visitor=visitor)
    make_link(visitor, shop.gardener)
    assert train_now().shoppers == 16
    row = CustomerRecommendations.objects.get(customer=shop.gardener)
    assert shop.garden[8].pk not in row.product_ids
    assert not VisitorRecommendations.objects.exists()


def test_a_few_views_are_no_taste_yet(shop):
    visitor = make_visitor()
    record_event("view", product=shop.garden[0], visitor=visitor)
    train_now()
    assert not VisitorRecommendations.objects.exists()


def test_what_was_returned_no_longer_speaks(shop):
    for product in shop.garden[:7]:
        record_event("return", product=product, customer=shop.gardener)
    train_now()
    assert not CustomerRecommendations.objects.filter(customer=shop.gardener).exists()


def test_events_outside_the_window_say_nothing(shop):
    record_event("purchase", product=shop.garden[9], customer=shop.gardener, days_ago=100)
    assert train(Window.ending(timezone.now(), 90)).events == 112
    assert train(Window.ending(timezone.now(), None)).events == 113
    assert train(Window.ending(None, 3)).events < 112


def test_the_window_may_end_with_the_latest_event(shop, settings):
    settings.RECOMMENDATIONS_WINDOW_END = "latest_event"
    window = Window.from_settings()
    assert timezone.now() - timedelta(days=2) < window.end < timezone.now() - timedelta(hours=12)
    assert train(window).events == 112


def test_an_empty_window_never_goes_live(shop, run):
    with pytest.raises(EmptyWindowError, match="holds 0 interactions"):
        train(Window.ending(timezone.now() - timedelta(days=500), 90))
    assert ActiveRun.objects.get().run_id == run.run_id
    refused = TrainingRun.objects.latest("pk")
    assert refused.state == "refused"
    assert "too little" in refused.error


def test_a_task_takes_an_empty_shop_calmly(db):
    assert "too little" in train_recommendations()["skipped"]


def test_a_failure_leaves_the_live_run_and_is_on_record(shop, run, monkeypatch):
    def fail(*_):
        raise MemoryError("no more")

    monkeypatch.setattr(training, "write_similar", fail)
    with pytest.raises(MemoryError):
        train_now()
    assert ActiveRun.objects.get().run_id == run.run_id
    failed = TrainingRun.objects.latest("pk")
    assert (failed.state, failed.error) == ("failed", "MemoryError: no more")
    assert not ProductFactors.objects.filter(run=failed).exists()


def test_a_killed_trainer_is_buried_by_the_next(shop, run):
    dead = TrainingRun.objects.create(window_end=timezone.now())
    train_now()
    dead.refresh_from_db()
    assert (dead.state, dead.error) == ("failed", "The trainer was stopped.")


@pytest.mark.django_db(transaction=True)
def test_two_trainers_at_once_do_no_harm(django_db_blocker):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    from django.db import connection  # noqa: PLC0415

    from tests.factories.recommendations import make_shop  # noqa: PLC0415

    make_shop()

    def attempt():
        try:
            return train_now().run_id
        except TrainingInProgressError:
            return None
        finally:
            connection.close()

    with advisory_lock(training.LOCK), ThreadPoolExecutor(1) as pool:
        assert pool.submit(attempt).result() is None
    assert not TrainingRun.objects.exists()
    with ThreadPoolExecutor(2) as pool:
        runs = [future.result() for future in [pool.submit(attempt), pool.submit(attempt)]]
    live = ActiveRun.objects.get().run_id
    assert live in runs
    assert CustomerRecommendations.objects.filter(run_id=live).count() == 16
    assert not TrainingRun.objects.filter(state="running").exists()


def test_activation_is_on_record_and_can_be_undone(shop, run):
    second = train_now()
    assert roll_back("a person") == run.run_id
    assert ActiveRun.objects.get().run_id == run.run_id
    assert ActiveRun.objects.get().previous_id == second.run_id
    latest = RunActivation.objects.latest("pk")
    assert (latest.run_id, latest.replaced_id, latest.actor) == (
        run.run_id, second.run_id, "a person",
    )  # fmt: skip


def test_activating_the_live_run_changes_nothing(shop, run):
    activate_run(run.run_id, "a person")
    assert RunActivation.objects.count() == 1


def test_what_failed_or_never_was_cannot_go_live(shop, run):
    failed = TrainingRun.objects.create(window_end=timezone.now(), state="failed")
    for run_id in (failed.pk, 10**9):
        with pytest.raises(UnknownRunError, match="can't go live"):
            activate_run(run_id, "a person")
    with pytest.raises(UnknownRunError, match="no run before"):
        roll_back("a person")


def test_old_runs_are_pruned_but_never_the_live_or_the_one_before(shop, run, settings):
    settings.RECOMMENDATIONS_RUNS_KEPT = 1
    second = train_now()
    activate_run(run.run_id, "a person")
    third = train_now()
    states = dict(TrainingRun.objects.values_list("pk", "state"))
    assert states == {run.run_id: "ready", second.run_id: "pruned", third.run_id: "ready"}
    kept = set(CustomerRecommendations.objects.values_list("run_id", flat=True))
    assert kept == {run.run_id, third.run_id}


def test_shoppers_who_act_while_it_trains_are_refreshed_after(shop, monkeypatch):
    from events.models import RefreshRequest  # noqa: PLC0415

    RefreshRequest.objects.all().delete()
    visitor = make_visitor()
    fit = training.fit_model

    def fit_slowly(*arguments):
        record_event("view", product=shop.garden[0], visitor=visitor)
        record_event("purchase", product=shop.garden[9], customer=shop.gardener)
        RefreshRequest.objects.all().delete()
        return fit(*arguments)

    monkeypatch.setattr(training, "fit_model", fit_slowly)
    train_now()
    due = RefreshRequest.objects.values_list("customer_id", "visitor_id")
    # The shop itself was made within this transaction, whose time its events bear.
    assert (shop.gardener.pk, None) in due
    assert (None, visitor.pk) in due
    assert all(isinstance(visitor_id, UUID | None) for _, visitor_id in due)


def test_who_acted_while_another_run_was_live_is_refreshed_when_it_is_gone_back_to(shop, run):
    from events.models import RefreshRequest  # noqa: PLC0415

    train_now()
    visitor = make_visitor()
    record_event("view", product=shop.garden[0], visitor=visitor)
    RefreshRequest.objects.all().delete()
    roll_back("a person")
    assert RefreshRequest.objects.filter(visitor=visitor).exists()
