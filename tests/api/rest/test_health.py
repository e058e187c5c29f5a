"""Health: the database decides whether we serve; the rest is reported."""

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client

from api.background.tasks import beat_heartbeat


def test_alive_without_a_database():
    assert Client().get("/livez").json() == {"status": "ok"}


@pytest.mark.django_db
def test_an_empty_shop_is_ready_but_degraded():
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["database"] == {"status": "ok"}
    assert answer.json()["checks"]["run"]["status"] == "missing"


@pytest.mark.django_db
def test_beat_is_seen():
    assert Client().get("/readyz").json()["checks"]["beat"]["status"] == "missing"
    beat_heartbeat()
    assert Client().get("/readyz").json()["checks"]["beat"]["status"] == "ok"


@pytest.mark.django_db
def test_without_redis_it_is_degraded(settings, tmp_path):
    cache = {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock?db=0"}
    settings.CACHES = {"default": cache}
    assert caches["default"].get("x") is None
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"]["redis"]["status"] == "down"


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_is_not_ready(monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    answer = Client().get("/readyz")
    connection.close()
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["status"] == "down"
    assert answer.headers["Retry-After"]
