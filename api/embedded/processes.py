"""Telling processes apart for certain: locks that die with their holders, and birth marks."""

import fcntl
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class ProcessMark:
    """A process, told apart from a later one that was given the same pid."""

    pid: int
    born: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        return birth_of(self.pid) == self.born

    def send(self, signal_number: int) -> None:
        """Send a signal, unless the process is gone."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal_number)


def mark_process(pid: int) -> ProcessMark | None:
    """The mark of the process that has `pid` now; None when there is none."""
    born = birth_of(pid)
    return ProcessMark(pid, born) if born else None


def birth_of(pid: int) -> str | None:
    """When the process began, in whatever unit the system counts; None when it does not run."""
    if not (PROC / "self" / "stat").exists():
        return _birth_by_ps(pid)
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name, in brackets, may hold spaces
    return None if fields[0] in "ZX" else fields[19]


def _birth_by_ps(pid: int) -> str | None:
    command = ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    state, _, born = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else born.strip()


def processes_in(folder: Path) -> list[ProcessMark]:
    """The processes whose working folder is `folder`, which for PostgreSQL is its cluster."""
    marks = []
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").samefile(folder) and (mark := mark_process(int(entry.name))):
                marks.append(mark)
    return marks


def open_lock(path: Path) -> int:
    """A descriptor for locking `path`; closing it, or dying, gives the lock up."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock without waiting; whether it was to be had."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path, *, shared: bool = False) -> bool:
    """Whether anybody holds the lock (with `shared`, whether anybody holds it for themselves)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor, shared=shared)
    finally:
        os.close(descriptor)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold `path`'s lock alone, waiting for it."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def write_json(path: Path, content: object) -> None:
    """Replace `path` whole, so that a reader never sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def write_mark(path: Path, mark: ProcessMark) -> None:
    """Keep `mark` in `path`."""
    write_json(path, asdict(mark))


def read_mark(path: Path) -> ProcessMark | None:
    """The mark kept in `path`, if that process still runs."""
    try:
        mark = ProcessMark(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return mark if mark.alive else None
