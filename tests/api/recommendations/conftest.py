"""A trained shop, and nothing remembered of the test before."""

# Django is not set up yet when this file is read, hence the imports inside.
# ruff: noqa: PLC0415

import pytest


@pytest.fixture(autouse=True)
def fresh():
    from django.core.cache import cache

    from recommendations.selectors.runs import forget_active_run

    cache.clear()
    forget_active_run()
    yield
    forget_active_run()


@pytest.fixture
def shop(db):
    from tests.factories.recommendations import make_shop

    return make_shop()


@pytest.fixture
def run(shop):
    from recommendations.selectors.runs import forget_active_run
    from tests.factories.recommendations import train_now

    report = train_now()
    forget_active_run()
    return report
