"""App configuration."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecommendationsConfig(AppConfig):
    """Recommendations learned from behaviour, in versioned runs."""

    name = "recommendations"

    def ready(self) -> None:
        """Connect receivers; see to it that a migrated database has placements."""
        import recommendations.receivers  # noqa: F401, PLC0415 - models must be loaded first
        from customers.services import register_holding  # noqa: PLC0415
        from recommendations.services.personal_data import HOLDING  # noqa: PLC0415

        register_holding(HOLDING)

        post_migrate.connect(_seed, sender=self)


def _seed(apps: Any = None, **_: Any) -> None:
    from recommendations.services.placements import seed_placements  # noqa: PLC0415 - see above

    try:
        if apps is not None:
            apps.get_model("recommendations", "placement")
    except LookupError:  # migrated only so far that there is no such table yet
        return
    seed_placements()
