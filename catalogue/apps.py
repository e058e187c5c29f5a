"""App configuration."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Products and offers."""

    name = "catalogue"
