"""A clean index and cache for each test."""

import pytest


@pytest.fixture(autouse=True)
def fresh():
    """Forget what other tests left in Redis and in this process."""
    from django.core.cache import cache  # noqa: PLC0415 - settings are not there yet above

    from search.selectors.state import forget_live_index  # noqa: PLC0415

    cache.clear()
    forget_live_index()


@pytest.fixture
def encoder(monkeypatch):
    """A model that the process is taken to have loaded."""
    from search.selectors import encoding  # noqa: PLC0415
    from tests.factories.search import WordEncoder  # noqa: PLC0415

    words = WordEncoder()
    monkeypatch.setattr(encoding._holder, "get", lambda _folder: words)
    return words
