"""Make the standard placements; change placements, and see it at once in this process."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from recommendations.algorithms.placements import STANDARD
from recommendations.exceptions import StandardPlacementError
from recommendations.models import Placement
from recommendations.selectors.specs import forget_placements

_MANY = ("categories", "hidden_categories", "brands")


def seed_placements() -> int:
    """Make the standard placements where there is none at all; how many were made."""
    if Placement.objects.exists():
        return 0
    rows = [
        Placement(
            name=one.name, description=one.description, is_standard=True, anchor=one.anchor.value,
            sources=[str(source) for source in one.sources], limit=one.limit,
            excludes_bought=one.excludes_bought, excludes_in_cart=one.excludes_in_cart,
            max_per_category=one.max_per_category, max_per_brand=one.max_per_brand,
        )
        for one in STANDARD
    ]  # fmt: skip
    made = Placement.objects.bulk_create(rows, ignore_conflicts=True)
    forget_placements()
    return len(made)


@transaction.atomic
def save_placement(name: str, values: Mapping[str, Any]) -> tuple[Placement, bool]:
    """Change the placement `name`, or make it; the placement, and whether it is new.

    `values` are fields; categories and brands are lists of rows. Raises ValidationError for what
    can't be.
    """
    placement = Placement.objects.select_for_update().filter(name=name).first()
    is_new = placement is None
    placement = placement or Placement(name=name)
    for field, value in values.items():
        if field not in _MANY:
            setattr(placement, field, value)
    placement.full_clean()
    placement.save()
    for field in _MANY:
        if field in values:
            getattr(placement, field).set(values[field])
    transaction.on_commit(forget_placements)
    return placement, is_new


def delete_placement(placement: Placement) -> None:
    """Delete a placement of the shop's own. StandardPlacementError for one that can't be."""
    if placement.is_standard:
        raise StandardPlacementError("A standard placement can be switched off, not deleted.")
    placement.delete()
    transaction.on_commit(forget_placements)
