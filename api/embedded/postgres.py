"""The embedded PostgreSQL: made once, run without privileges, stopped fast.

PostgreSQL refuses to run as root. Started by root it runs as the owner of its cluster (`nobody`
for a new one) and is handed the cluster and the socket folder as open descriptors: a path such
as `/proc/self/fd/5` reaches them even below folders that this user may not enter, so no
permission outside the data folder has to change.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from api.embedded.binaries import find_postgres
from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.layout import DATABASE, PORT, ROLE, make_folder, make_sockets_folder
from api.embedded.processes import ProcessMark, processes_in
from api.embedded.server import Server, server_environment, telling_line

MAJOR_VERSION = "18"
NOBODY = 65534
SMALL_SHARED_MEMORY = 1 << 30  # bytes; containers often have 64 MB, less than an index build takes

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "wal_level": "minimal",  # nobody replicates an embedded server
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "storefront",
}
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer(Server):
    """PostgreSQL 18 with pgvector; its one role is a superuser that only its socket's owner is."""

    name = "postgres"
    # Fast stop, immediate stop, and the end. SIGTERM would wait for every client to leave.
    stop_signals = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

    def launch(self) -> None:
        """Make the cluster if there is none, and spawn the server on it."""
        user = self._server_user()
        programs = find_postgres(self.layout, user)
        self._make_cluster(programs, user)
        self._clear_lock_files()
        make_sockets_folder(self.layout)
        _hand_over(self.layout.postgres_sockets, user)
        with (
            _reachable(self.layout.data, user) as (data, data_fds),
            _reachable(self.layout.postgres_sockets, user) as (sockets, socket_fds),
        ):
            settings = self._settings() | {"unix_socket_directories": sockets}
            flags = [part for item in settings.items() for part in ("-c", "=".join(item))]
            command = [str(programs / "postgres"), "-D", data, *flags]
            self.spawn(command, user=user, descriptors=(*data_fds, *socket_fds))

    def is_ready(self) -> bool:
        """Whether `postmaster.pid`, which PostgreSQL keeps for `pg_ctl`, says so."""
        try:
            lines = (self.layout.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        ours = self.mark is not None and lines[:1] == [str(self.mark.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def remaining_processes(self) -> Sequence[ProcessMark]:
        """Every process that works in the cluster's folder."""
        marks = processes_in(self.layout.data)
        return [*marks, self.mark] if self.mark else marks

    def _settings(self) -> dict[str, str]:
        settings = dict(SETTINGS) if self.durable else SETTINGS | FAST_AND_LOOSE
        settings["shared_buffers"] = _shared_buffers()
        shared = Path("/dev/shm")  # noqa: S108 - only its size is asked
        if shared.exists() and shutil.disk_usage(shared).total < SMALL_SHARED_MEMORY:
            settings["dynamic_shared_memory_type"] = "mmap"
        return settings

    def _server_user(self) -> int | None:
        """Who the server runs as: None for ourselves, as root the owner of the cluster."""
        if os.geteuid() != 0:
            return None
        owner = self.layout.data.stat().st_uid if self.layout.data.exists() else 0
        if owner:
            return owner
        try:
            return pwd.getpwnam("nobody").pw_uid
        except KeyError:
            return NOBODY

    def _make_cluster(self, programs: Path, user: int | None) -> None:
        """Make `data` with its role and database, whole or not at all."""
        data, draft = self.layout.data, self.layout.draft
        with suppress(OSError):
            data.rmdir()  # an empty folder holds nothing to keep
        if data.exists():
            _check_version(data)
            return
        make_folder(draft.parent, 0o711)
        shutil.rmtree(draft, ignore_errors=True)
        _hand_over(draft, user)
        with _reachable(draft, user) as (folder, descriptors):
            initialise = [str(programs / "initdb"), "-D", folder, *_cluster_options()]
            if not self.durable:
                initialise += ["--wal-segsize", "1"]
            _run(initialise, user, descriptors)
            single = [str(programs / "postgres"), "--single", "-F", "-D", folder, "postgres"]
            _run(single, user, descriptors, f"CREATE DATABASE {DATABASE};\n")
            if self.durable:
                _run([str(programs / "initdb"), "--sync-only", "-D", folder], user, descriptors)
        draft.rename(data)

    def _clear_lock_files(self) -> None:
        """Remove a dead server's lock files.

        Nothing holds the server's lock any more, so they are stale. Left in place they keep
        PostgreSQL from starting whenever their pid has been given to another process.
        """
        if processes_in(self.layout.data):
            raise EmbeddedServicesError(f"another PostgreSQL runs in {self.layout.data}")
        (self.layout.data / "postmaster.pid").unlink(missing_ok=True)
        for file in self.layout.postgres_sockets.glob(".s.PGSQL.*"):
            file.unlink(missing_ok=True)


def _shared_buffers() -> str:
    """How much PostgreSQL caches: the environment may ask for more, as a large shop does."""
    asked = os.environ.get("EMBEDDED_SHARED_BUFFERS") or SETTINGS["shared_buffers"]
    if not re.fullmatch(r"[1-9]\d{0,6}(MB|GB)", asked):
        raise EmbeddedServicesError(f"EMBEDDED_SHARED_BUFFERS is no size such as 2GB: {asked!r}")
    return asked


def _cluster_options() -> list[str]:
    """Unicode rules that come with PostgreSQL itself, so that indexes survive a system upgrade."""
    return [
        *("--username", ROLE, "--auth", "trust", "--encoding", "UTF8"),
        *("--no-instructions", "--no-sync"),  # it is synced whole, once, when all is in it
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *("--locale", "C", "--lc-ctype", "C.UTF-8"),
        *("--text-search-config", "english"),
    ]


def _check_version(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except OSError:
        found = ""
    if found != MAJOR_VERSION:
        made = f"was made by PostgreSQL {found}" if found else "is not a PostgreSQL cluster"
        raise EmbeddedServicesError(
            f"{data} {made}; this is PostgreSQL {MAJOR_VERSION}: move that folder away"
        )


def _hand_over(folder: Path, user: int | None) -> None:
    """`folder`, made if absent, private to whoever the server runs as."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user, user)


@contextmanager
def _reachable(folder: Path, user: int | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A name of `folder` that `user` can open, and the descriptors to pass on for it."""
    if user is None:
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _run(
    command: list[str], user: int | None, descriptors: tuple[int, ...], words: str = ""
) -> None:
    done = subprocess.run(  # noqa: S603 - a program of the wheel
        command,
        input=words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=server_environment(),
        pass_fds=descriptors,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if done.returncode:
        raise EmbeddedServicesError(
            f"PostgreSQL's cluster could not be made: {telling_line(done.stdout.splitlines())}"
        )
