"""Services in a folder of their own that vanishes with them: for tests and trial databases."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.embedded.services import Services


@contextmanager
def throwaway(*, restart: bool = True, durable: bool = False) -> Iterator[Services]:
    """Fresh services, not durable unless asked; stopped and removed however the caller ends.

    With `restart` off, a server that is killed stays down until `start` or a new lease.
    """
    home = Path(tempfile.mkdtemp(prefix="storefront-"))
    services = Services(home, durable=durable, restart=restart, disposable=True)
    try:
        with services.lease():
            yield services
    finally:
        services.stop()
        shutil.rmtree(home, ignore_errors=True)
