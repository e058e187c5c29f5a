"""Refreshing: within one call a shopper's row is what the whole history says."""

import pytest
from django.db import connection

from events.models import RefreshRequest
from events.signals import interactions_recorded
from recommendations import tasks
from recommendations.models import CustomerRecommendations, VisitorRecommendations
from recommendations.services import refreshing
from recommendations.services.refreshing import refresh_due_shoppers
from tests.factories.events import make_customer, make_link, make_visitor, record_event
from tests.factories.recommendations import train_now


@pytest.fixture
def quiet(run):
    RefreshRequest.objects.all().delete()
    return run


def row_of(customer):
    return CustomerRecommendations.objects.get(customer=customer)


def test_without_news_the_row_stays_what_training_wrote(shop, quiet):
    before = row_of(shop.gardener)
    RefreshRequest.objects.create(customer=shop.gardener)
    assert refresh_due_shoppers() == 1
    after = row_of(shop.gardener)
    assert after.product_ids == before.product_ids
    assert after.scores == pytest.approx(before.scores, abs=1e-4)
    assert after.reasons == before.reasons
    assert not RefreshRequest.objects.exists()


def test_a_purchase_leaves_the_list_and_changes_it(shop, quiet):
    bought = row_of(shop.gardener).product_ids[0]
    product = next(one for one in shop.garden if one.pk == bought)
    record_event("purchase", product=product, customer=shop.gardener)
    refresh_due_shoppers()
    assert bought not in row_of(shop.gardener).product_ids


def test_an_add_to_cart_makes_a_new_visitor_personal(shop, quiet):
    visitor = make_visitor()
    record_event("add_to_cart", product=shop.kitchen[0], visitor=visitor)
    refresh_due_shoppers()
    row = VisitorRecommendations.objects.get(visitor=visitor)
    kitchen = {product.pk for product in shop.kitchen}
    assert row.product_ids[0] in kitchen
    assert row.reasons[0][0][0] == shop.kitchen[0].public_id


def test_a_single_view_gives_an_empty_row(shop, quiet):
    visitor = make_visitor()
    record_event("view", product=shop.kitchen[0], visitor=visitor)
    refresh_due_shoppers()
    assert VisitorRecommendations.objects.get(visitor=visitor).product_ids == []


def test_a_visitors_past_counts_once_they_are_identified(shop, quiet):
    visitor, customer = make_visitor(), make_customer()
    record_event("add_to_cart", product=shop.kitchen[0], visitor=visitor)
    make_link(visitor, customer)
    RefreshRequest.objects.get_or_create(customer=customer)
    refresh_due_shoppers()
    assert row_of(customer).reasons[0][0][0] == shop.kitchen[0].public_id


def test_an_older_history_never_overwrites_a_newer_one(shop, quiet):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recommendations_customerrecommendations"
            " SET computed_at = now() + interval '1 hour', product_ids = '{1}'"
            " WHERE customer_id = %s",
            [shop.gardener.pk],
        )
    RefreshRequest.objects.create(customer=shop.gardener)
    refresh_due_shoppers()
    assert row_of(shop.gardener).product_ids == [1]


def test_products_that_the_model_does_not_know_are_left_out(shop, quiet):
    from tests.factories.catalogue import make_product  # noqa: PLC0415

    record_event("purchase", product=make_product(), customer=shop.gardener)
    before = row_of(shop.gardener).product_ids
    refresh_due_shoppers()
    assert row_of(shop.gardener).product_ids == before


def test_before_any_run_there_is_nothing_to_do(shop):
    assert RefreshRequest.objects.exists()
    refresh_due_shoppers()
    assert not RefreshRequest.objects.exists()


def test_a_failure_leaves_the_requests(shop, quiet, monkeypatch):
    RefreshRequest.objects.create(customer=shop.gardener)

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(refreshing, "read_histories", fail)
    with pytest.raises(MemoryError):
        refresh_due_shoppers()
    assert RefreshRequest.objects.count() == 1


def test_the_model_follows_the_live_run(shop, quiet):
    RefreshRequest.objects.create(customer=shop.gardener)
    refresh_due_shoppers()
    second = train_now()
    RefreshRequest.objects.update_or_create(customer=shop.gardener)
    refresh_due_shoppers()
    rows = CustomerRecommendations.objects.filter(customer=shop.gardener)
    assert second.run_id in rows.values_list("run_id", flat=True)


def test_a_batch_is_read_and_written_in_a_fixed_number_of_queries(
    shop, quiet, django_assert_max_num_queries
):
    RefreshRequest.objects.bulk_create(RefreshRequest(customer=one) for one in shop.customers)
    refreshing._holder.get(quiet.run_id)
    with django_assert_max_num_queries(15):
        assert refresh_due_shoppers() == 16


def test_interactions_nudge_the_refresh(shop, monkeypatch):
    nudged = []
    monkeypatch.setattr("recommendations.receivers.nudge_soon", nudged.append)
    interactions_recorded.send(sender=None, customer_ids=[1], visitor_ids=[])
    assert nudged == [tasks.refresh_shoppers]


def test_the_sweep_does_what_nudges_left(shop, quiet):
    RefreshRequest.objects.create(customer=shop.gardener)
    assert tasks.sweep_refreshes() == {"refreshed": 1}
