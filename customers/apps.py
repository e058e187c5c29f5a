"""App configuration."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Shoppers and identity."""

    name = "customers"

    def ready(self) -> None:
        """Connect receivers; say what is kept of people here."""
        import customers.receivers  # noqa: F401, PLC0415 - models must be loaded first
        from customers.services import register_holding  # noqa: PLC0415 - models must be loaded
        from customers.services.own_data import HOLDING  # noqa: PLC0415

        register_holding(HOLDING)
