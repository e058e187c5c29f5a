"""With Redis down, recommendations still answer, and refreshes still happen."""

import pytest
from django.test import Client, override_settings

from recommendations.models import VisitorRecommendations
from recommendations.selectors.runs import forget_active_run
from recommendations.services.refreshing import refresh_due_shoppers
from tests.factories.events import customer_header, make_visitor, record_event, visitor_header
from tests.factories.recommendations import make_shop, train_now

pytestmark = pytest.mark.django_db

NO_REDIS = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "unix:///nowhere/redis.sock?db=0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True},
    }
}


def test_every_placement_answers(settings):
    settings.ANONYMOUS_READS = True
    shop = make_shop()
    train_now()
    forget_active_run()
    visitor = make_visitor()
    with override_settings(CACHES=NO_REDIS):
        for path, headers, source in (
            ("home", customer_header(shop.gardener.public_id), "personal"),
            (f"product?product_id={shop.garden[0].public_id}", {}, "product_similar"),
            ("home", {}, "popular"),
        ):
            answer = Client().get(f"/v1/recommendations/{path}", headers=headers)
            assert answer.status_code == 200
            assert answer.json()["source"] == source
        record_event("add_to_cart", product=shop.kitchen[0], visitor=visitor)
        refresh_due_shoppers()
        answer = Client().get("/v1/recommendations/home", headers=visitor_header(visitor))
        assert answer.json()["source"] == "personal"
    assert VisitorRecommendations.objects.filter(visitor=visitor).exists()
