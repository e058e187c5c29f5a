"""App configuration."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Hybrid search over the catalogue."""

    name = "search"

    def ready(self) -> None:
        """Connect the receivers."""
        from search import receivers  # noqa: F401, PLC0415 - models are loaded by now
