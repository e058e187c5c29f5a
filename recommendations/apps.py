"""App configuration."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    """Recommendations learned from behaviour, in versioned runs."""

    name = "recommendations"

    def ready(self) -> None:
        """Connect receivers."""
        import recommendations.receivers  # noqa: F401, PLC0415 - models must be loaded first
