"""How long work tells whoever waits for it what it is doing."""

from typing import Protocol


class Progress(Protocol):
    """Hears of phases, and of steps within them."""

    def begin(self, phase: str, total: int | None = None) -> None:
        """A phase of `total` steps begins; the one before it is done."""

    def advance(self, count: int) -> None:
        """So many more steps are done."""


class Quiet:
    """Tells nobody."""

    def begin(self, phase: str, total: int | None = None) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""


QUIET = Quiet()
