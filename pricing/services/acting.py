"""Note what persons and back ends do to prices."""

from collections.abc import Mapping
from typing import Any

from pricing.models import PricingAction


def note_action(kind: str, actor: str, target: str, reason: str = "", **detail: Any) -> None:
    """Keep that `actor` did `kind` to `target`; in the transaction of what was done."""
    note_actions(kind, actor, {target: detail}, reason)


def note_actions(
    kind: str, actor: str, details: Mapping[str, Mapping[str, Any]], reason: str = ""
) -> None:
    """The same for many targets, each with its detail."""
    PricingAction.objects.bulk_create(
        PricingAction(
            kind=kind, actor=actor[:150], target=target[:200], reason=reason[:500],
            detail=dict(detail),
        )
        for target, detail in details.items()
    )  # fmt: skip
