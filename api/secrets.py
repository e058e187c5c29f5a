"""Secrets of a development install: made at random once, kept in its data folder."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def load_or_create_secret(home: Path, name: str) -> str:
    """The secret `name` below `home`, created with mode 0600 by whoever asks first."""
    path = home / "secrets" / name.lower()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create_atomically(path, secrets.token_urlsafe(64))
        return path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path} can't be kept: {error.strerror}. Set {name} or another STOREFRONT_HOME."
        raise ImproperlyConfigured(message) from error


def _create_atomically(path: Path, value: str) -> None:
    """Write `value` to `path` whole or not at all; the first of several writers wins."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(value)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
