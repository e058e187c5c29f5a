"""The demo's Django app."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The sample shop and the command that runs the whole storefront on one machine."""

    name = "demo"
