"""App configuration."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """API keys."""

    name = "partners"
