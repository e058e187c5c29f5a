"""Note what persons and back ends do to prices."""

from typing import Any

from pricing.models import PricingAction


def note_action(kind: str, actor: str, target: str, reason: str = "", **detail: Any) -> None:
    """Keep that `actor` did `kind` to `target`; in the transaction of what was done."""
    PricingAction.objects.create(
        kind=kind, actor=actor[:150], target=target[:200], reason=reason[:500], detail=detail
    )
