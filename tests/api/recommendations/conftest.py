"""A trained shop, and nothing remembered of the test before."""

from tests.fixtures.shops import nothing_remembered, run, shop

__all__ = ["nothing_remembered", "run", "shop"]
