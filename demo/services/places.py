"""What a demo needs for itself: a port and a data folder."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from demo.exceptions import AlreadyRunningError, PortTakenError
from demo.services.supervision import HOST


def check_port(port: int) -> None:
    """Raise PortTakenError where we could not listen on the port."""
    with socket.socket() as probe:
        # What is left of earlier connections does not count: servers set this too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise PortTakenError(
                f"port {port} can't be used ({reason}); choose another: make demo PORT=8001"
            ) from error


@contextmanager
def hold_data_folder() -> Iterator[None]:
    """Be the one demo on the data folder; AlreadyRunningError where another is."""
    path = Path(settings.STOREFRONT_HOME) / "demo.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise AlreadyRunningError(
            f"a demo runs on {settings.STOREFRONT_HOME} already; stop it, or set STOREFRONT_HOME"
        ) from error
    finally:
        os.close(lock)
