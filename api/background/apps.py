"""App configuration."""

from django.apps import AppConfig


class BackgroundConfig(AppConfig):
    """Records of periodic runs."""

    name = "api.background"
    label = "background"
    verbose_name = "Background work"
