"""App configuration."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Hybrid search over the catalogue."""

    name = "search"

    def ready(self) -> None:
        """Connect the receivers."""
        from customers.services import register_holding  # noqa: PLC0415
        from search import receivers  # noqa: F401, PLC0415 - models are loaded by now
        from search.services.personal_data import HOLDING  # noqa: PLC0415

        register_holding(HOLDING)
