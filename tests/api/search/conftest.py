"""A clean index and cache for each test."""

from tests.fixtures.shops import encoder, nothing_remembered

__all__ = ["encoder", "nothing_remembered"]
