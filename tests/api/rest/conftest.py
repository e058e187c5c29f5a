"""Nothing remembered of the test before."""

from tests.fixtures.shops import nothing_remembered

__all__ = ["nothing_remembered"]
