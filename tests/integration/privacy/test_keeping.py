"""What runs by itself: bots are marked, and what was kept long enough is deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from customers.models import Visitor
from events.algorithms.lines import Sender
from events.models import RejectedEvent
from events.services import forget_old, mark_bots, record_events
from search.models import SearchQuery
from search.services.query_log import prune_queries
from tests.factories.catalogue import make_product
from tests.factories.events import event, make_customer, make_visitor, record, record_event

pytestmark = pytest.mark.django_db


def test_who_does_more_than_a_person_can_is_a_bot(settings):
    settings.BOT_EVENTS_PER_HOUR = 10
    product, busy, calm, shop = make_product(), make_visitor(), make_visitor(), make_customer()
    moment = timezone.now().replace(minute=0, second=0, microsecond=0)
    same = {"product_id": product.public_id, "occurred_at": moment.isoformat()}
    record(*({**same, "type": "view"} for _ in range(11)), visitor_id=str(busy.pk))
    record(*({**same, "type": "view"} for _ in range(10)), visitor_id=str(calm.pk))
    record(*({**same, "type": "purchase"} for _ in range(30)), customer_id=shop.public_id)
    record(*({**same, "type": "impression"} for _ in range(30)), visitor_id=str(calm.pk))
    assert mark_bots().visitors == 1
    assert list(Visitor.objects.filter(is_bot=True).values_list("pk", "bot_reason")) == [
        (busy.pk, "rate")
    ]
    assert (mark_bots().visitors, mark_bots().customers) == (0, 0)
    Visitor.objects.filter(pk=busy.pk).update(is_bot=False, bot_reason="person")
    assert mark_bots().visitors == 0


def test_nobody_is_a_bot_where_that_is_off(settings):
    settings.BOT_EVENTS_PER_HOUR = 0
    record_event(product=make_product(), visitor=make_visitor())
    assert mark_bots().visitors == 0


def test_by_default_all_is_kept():
    Visitor.objects.update_or_create(pk=make_visitor().pk, defaults={"created_at": ago(5000)})
    forget_old()
    assert Visitor.objects.count() == 1
    assert prune_queries() == 0


def ago(days):
    return timezone.now() - timedelta(days=days)


def test_what_was_kept_long_enough_goes(settings):
    settings.REJECTED_EVENTS_RETENTION_DAYS = settings.VISITORS_RETENTION_DAYS = 30
    settings.SEARCH_QUERIES_RETENTION_DAYS = 30
    idle, active, refusing, fresh = (make_visitor() for _ in range(4))
    record_event(product=make_product(), visitor=active)
    Visitor.objects.exclude(pk=fresh.pk).update(created_at=ago(31))
    Visitor.objects.filter(pk=refusing.pk).update(analytics=False)
    record_events([event(product_id="no"), event(product_id="none")],
                  Sender(visitor_id=active.pk))  # fmt: skip
    RejectedEvent.objects.filter(payload__product_id="no").update(received_at=ago(31))
    SearchQuery.objects.create(
        request_id=fresh.pk, query="old", ordering="relevance", product_ids=[], source="hybrid",
        generation=1, duration_ms=1, created_at=ago(31),
    )  # fmt: skip
    forgotten = forget_old()
    assert (forgotten.rejected_events, forgotten.visitors) == (1, 1)
    assert not Visitor.objects.filter(pk=idle.pk).exists()
    assert prune_queries() == 1
