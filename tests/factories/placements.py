"""Placements for tests."""

from typing import Any

from recommendations.models import Placement
from recommendations.services.placements import save_placement


def make_placement(name: str = "shelf", **fields: Any) -> Placement:
    """The placement `name`, changed or made: what is popular, unless `fields` say otherwise."""
    known = Placement.objects.filter(name=name).exists()
    defaults = {} if known else {"sources": ["popular"]}
    return save_placement(name, defaults | fields)[0]
