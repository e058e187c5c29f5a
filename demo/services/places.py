"""What a demo needs for itself: a port and a data folder."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from demo.exceptions import AlreadyRunningError, PortError
from demo.services.supervision import HOST

HIGHEST_PORT = 65_535


def check_port(port: int) -> None:
    """Raise PortError where we could not listen on the port."""
    if not 1 <= port <= HIGHEST_PORT:
        raise PortError(f"port {port} does not exist; give 1 to {HIGHEST_PORT}")
    with socket.socket() as probe:
        # What is left of earlier connections does not count: servers set this too.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortError(
                f"port {port} can't be used ({error.strerror}); choose another: make demo PORT=8001"
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
