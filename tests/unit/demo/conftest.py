from datetime import UTC, datetime

import pytest

from demo.algorithms.shop import SampleShop, ShopSize, draw_shop

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def shop() -> SampleShop:
    """The shop that `make demo` shows, at a fixed time."""
    return draw_shop(ShopSize(), now=int(NOW.timestamp()) * 1000)
