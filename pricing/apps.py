"""App configuration."""

from django.apps import AppConfig


class PricingConfig(AppConfig):
    """Prices: signals, decisions, guardrails, history."""

    name = "pricing"
