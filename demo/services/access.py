"""Keys and an admin login for the demo, kept in the data folder."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from partners.selectors import find_credential
from partners.services import create_api_key

FILE = "demo-keys.json"
ADMIN = "admin"


@dataclass(frozen=True)
class Access:
    """What `demo-keys.json` holds."""

    publishable: str
    secret: str
    admin_username: str
    admin_password: str


def ensure_access() -> Access:
    """Keys and a login that work on this database: those of the file, or new ones."""
    path = Path(settings.STOREFRONT_HOME) / FILE
    kept = _read(path)
    access = Access(
        publishable=_working_key(kept.get("publishable"), "publishable"),
        secret=_working_key(kept.get("secret"), "secret"),
        admin_username=ADMIN,
        admin_password=kept.get("admin_password") or secrets.token_urlsafe(12),
    )
    _ensure_admin(access)
    if asdict(access) != kept:
        _write(path, access)
    return access


def _working_key(key: str | None, kind: str) -> str:
    if key and find_credential(key) is not None:
        return key
    if kind == "secret":
        return create_api_key("demo, secret", "secret")
    return create_api_key("demo, publishable", "publishable")


def _ensure_admin(access: Access) -> None:
    user, _ = User.objects.get_or_create(username=access.admin_username)
    if user.check_password(access.admin_password) and user.is_superuser and user.is_active:
        return
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(access.admin_password)
    user.save()


def _read(path: Path) -> dict[str, str]:
    with suppress(FileNotFoundError, ValueError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(kept, dict):
            return {name: value for name, value in kept.items() if isinstance(value, str)}
    return {}


def _write(path: Path, access: Access) -> None:
    """Put the file in place whole, readable by its owner alone."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - the mode
        json.dump(asdict(access), file, indent=2)
    draft.replace(path)
