"""App configuration, and what has to be right before it serves."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


class CustomersConfig(AppConfig):
    """Shoppers and identity."""

    name = "customers"

    def ready(self) -> None:
        """Connect receivers; say what is kept of people here; have the secrets checked."""
        import customers.receivers  # noqa: F401, PLC0415 - models must be loaded first
        from customers.services import register_holding  # noqa: PLC0415
        from customers.services.own_data import HOLDING  # noqa: PLC0415

        register_holding(HOLDING)
        register(check_tombstone_secret, Tags.security, deploy=True)
        register(check_tombstones, Tags.database)


def check_tombstone_secret(**_: Any) -> list[CheckMessage]:
    """An error where SECRET_KEY hashes the ids of the erased: that is changed, and lost, easily."""
    if settings.TOMBSTONE_SECRETS[0] != settings.SECRET_KEY:
        return []
    what = "TOMBSTONE_SECRET is not set, and SECRET_KEY serves in its place."
    hint = (
        "Once SECRET_KEY is changed and the former one dropped, who was erased could come back. Set"
        " TOMBSTONE_SECRET, and where somebody was erased already, name today's SECRET_KEY in"
        " TOMBSTONE_SECRET_FALLBACKS."
    )
    return [Error(what, hint, id="customers.E001")]


def check_tombstones(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """An error where somebody was erased with a secret that is not named any more."""
    from customers.selectors import lost_secrets  # noqa: PLC0415 - models must be loaded first

    if "default" not in (databases or ()):
        return []
    if "customers_tombstone" not in connections["default"].introspection.table_names():
        return []  # before the first migration
    lost = lost_secrets()
    if not lost:
        return []
    what = f"Of those who were erased, some would be taken in again: no secret for {lost}."
    hint = "Name every former TOMBSTONE_SECRET in TOMBSTONE_SECRET_FALLBACKS."
    return [Error(what, hint, id="customers.E002")]
