"""The embedded Redis: broker and cache in separate databases, on a unix socket."""

import os
import shutil
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress

from api.embedded.binaries import find_redis
from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.layout import make_folder, make_sockets_folder
from api.embedded.processes import ProcessMark, processes_in
from api.embedded.server import Server

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "databases": "64",
    "save": "",
    # What has a lifetime (the cache) makes room; what has none (the queues) is never dropped.
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",
    "daemonize": "no",
    "logfile": "",
}
UNREADABLE = ("append only file", "bad file format", "rdb", "aof")  # how Redis says so


class RedisServer(Server):
    """Redis or Valkey; the append-only file keeps the queues over a restart."""

    name = "redis"
    stop_signals = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))

    def start(self) -> None:
        """Start; what Redis can't read is put aside once, for the broker is only a nudge."""
        try:
            super().start()
        except EmbeddedServicesError as error:
            if not any(word in str(error).lower() for word in UNREADABLE):
                raise
            self._put_data_aside()
            super().start()

    def launch(self) -> None:
        """Spawn the server on its folder and socket."""
        make_folder(self.layout.redis)
        make_sockets_folder(self.layout)
        settings = SETTINGS | {
            "dir": str(self.layout.redis),
            "unixsocket": str(self.layout.redis_socket),
            "appendonly": "yes" if self.durable else "no",
        }
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        self.spawn([find_redis(), *flags])

    def is_ready(self) -> bool:
        """Whether a PING is answered (not while it loads)."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1.0)
            connection.connect(os.fspath(self.layout.redis_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def remaining_processes(self) -> Sequence[ProcessMark]:
        """Every process that works in Redis's folder."""
        marks = processes_in(self.layout.redis)
        return [*marks, self.mark] if self.mark else marks

    def _put_data_aside(self) -> None:
        """Move the data away, keeping only the latest of what was moved."""
        aside = self.layout.redis.with_name("redis.unreadable")
        shutil.rmtree(aside, ignore_errors=True)
        self.layout.redis.rename(aside)
