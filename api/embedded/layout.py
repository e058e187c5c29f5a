"""Where the embedded services keep their files, and the addresses that follow from it."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from api.embedded.exceptions import EmbeddedServicesError

ROLE = DATABASE = "storefront"
CACHE_DB, BROKER_DB = 0, 1
PORT = 5432  # only names the socket file: nothing listens on the network
LONGEST_SOCKET_PATH = 107  # bytes; sun_path is 108 with its terminating NUL


@dataclass(frozen=True)
class Layout:
    """The folders below one data folder (`home`, absolute)."""

    home: Path

    @property
    def data(self) -> Path:
        """The PostgreSQL cluster."""
        return self.home / "postgres" / "data"

    @property
    def draft(self) -> Path:
        """The cluster while it is being made; renamed to `data` when it is whole."""
        return self.home / "postgres" / "data.draft"

    @property
    def redis(self) -> Path:
        """Redis's append-only file."""
        return self.home / "redis"

    @property
    def control(self) -> Path:
        """Locks, the guard's state and logs."""
        return self.home / "services"

    @property
    def temporary(self) -> Path:
        """A short folder outside `home`, used only where `home` itself will not do.

        Unix socket paths hold 107 bytes, and an unprivileged server can't execute below a closed
        folder. The name tells users and homes apart; it goes away when the services stop.
        """
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return _temporary_root() / f"storefront-{os.geteuid()}-{digest}"

    @property
    def sockets(self) -> Path:
        """The folder of both sockets: `home/run`, or a temporary one where that will not do.

        It may be too long, or hold a comma, which to libpq parts one host from the next.
        """
        inside = self.home / "run"
        path = os.fsencode(inside / "postgres" / f".s.PGSQL.{PORT}")
        fits = len(path) <= LONGEST_SOCKET_PATH and b"," not in path
        return inside if fits else self.temporary / "run"

    @property
    def postgres_sockets(self) -> Path:
        """PostgreSQL's socket folder, which belongs to whoever PostgreSQL runs as."""
        return self.sockets / "postgres"

    @property
    def redis_socket(self) -> Path:
        """Redis's socket."""
        return self.sockets / "redis.sock"

    @property
    def database_url(self) -> str:
        """A URL that libpq and django-environ both read."""
        host = quote(str(self.postgres_sockets))
        return f"postgresql://{ROLE}@/{DATABASE}?host={host}&port={PORT}"

    def redis_url(self, db: int) -> str:
        """Database `db` of Redis, as redis-py and django-redis read it."""
        return f"unix://{quote(str(self.redis_socket))}?db={db}"

    def broker_url(self, db: int) -> str:
        """Database `db` of Redis, as Celery reads it."""
        return f"redis+socket://{quote(str(self.redis_socket))}?virtual_host={db}"


def make_folder(folder: Path, mode: int = 0o700) -> Path:
    """`folder`, made with `mode` whatever the umask; left as it is when it is there."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    return folder


def make_temporary_folder(layout: Layout) -> Path:
    """The temporary folder, which must be ours: anybody may write where it lies.

    Raises:
        EmbeddedServicesError: another user has taken the name, or a link stands there.
    """
    folder = make_folder(layout.temporary, 0o711)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise EmbeddedServicesError(f"{folder} is not ours; remove it")
    return folder


def make_sockets_folder(layout: Layout) -> Path:
    """The folder of the sockets, inside the data folder or in the temporary one."""
    if layout.temporary in layout.sockets.parents:
        make_temporary_folder(layout)
    return make_folder(layout.sockets)


def _temporary_root() -> Path:
    """`/tmp` where it can be written, so that every process of a user finds the same one."""
    usual = Path("/tmp")  # noqa: S108 - what lies there is checked to be ours
    return usual if os.access(usual, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
