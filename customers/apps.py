"""App configuration."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Shoppers and identity."""

    name = "customers"
