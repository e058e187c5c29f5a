"""Keep a server busy with prepared requests over a few connections; time single ones."""

import socket
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = 100.0  # of /proc/…/stat, a second


@dataclass(frozen=True, slots=True)
class Load:
    """Requests in so many seconds, and what processor time the server took for them."""

    requests: int
    seconds: float
    processor_seconds: float

    @property
    def per_core(self) -> float:
        """Requests for each second of one processor."""
        return self.requests / self.processor_seconds


class Connection:
    """One kept-alive connection that sends bytes as they are."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._socket.sendall(request)
        status = int(self._file.readline().split()[1])
        length = 0
        while (line := self._file.readline()) not in {b"\r\n", b""}:
            if line.lower().startswith(b"content-length:"):
                length = int(line[15:])
        return status, self._file.read(length)


def time_singles(port: int, requests: Sequence[bytes], count: int) -> float:
    """Median milliseconds of one request after the other on one connection."""
    connection, times = Connection(port), []
    for number in range(count):
        started = time.perf_counter()
        status, _ = connection.ask(requests[number % len(requests)])
        times.append(1000 * (time.perf_counter() - started))
        assert status == 200, status
    return statistics.median(times)


def keep_busy(
    port: int, requests: Sequence[bytes], seconds: float, pid: int, connections: int = 4
) -> Load:
    """What a server, the processes below `pid`, got done."""
    counts = [0] * connections
    end = time.perf_counter() + seconds

    def run(number: int) -> None:
        connection = Connection(port)
        while time.perf_counter() < end:
            status, _ = connection.ask(
                requests[(counts[number] * connections + number) % len(requests)]
            )
            assert status == 200, status
            counts[number] += 1

    before, started = _processor_seconds(pid), time.perf_counter()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(sum(counts), time.perf_counter() - started, _processor_seconds(pid) - before)


def _processor_seconds(pid: int) -> float:
    """User and system time of a process and all below it."""
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            group = int(fields[2])
        except (OSError, IndexError):
            continue
        if group == pid:
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total
