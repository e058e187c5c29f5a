"""How much the embedded PostgreSQL caches is the environment's to say."""

import pytest

from api.embedded import EmbeddedServicesError
from tests.integration.embedded.conftest import query


def test_a_large_shop_asks_for_a_larger_cache(services, monkeypatch):
    monkeypatch.setenv("EMBEDDED_SHARED_BUFFERS", "300MB")
    with services.lease():
        assert query(services, "SHOW shared_buffers") == "300MB"


def test_what_is_no_size_is_named(services, monkeypatch):
    monkeypatch.setenv("EMBEDDED_SHARED_BUFFERS", "a lot")
    with (
        pytest.raises(EmbeddedServicesError, match="EMBEDDED_SHARED_BUFFERS is no size"),
        services.lease(),
    ):
        pass
