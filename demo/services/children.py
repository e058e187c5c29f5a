"""Child processes that never outlive the demo."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)
GRACE_SECONDS = 30.0


@contextmanager
def child(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a session of its own; on leaving, it and all its session are gone.

    Ctrl-C in a terminal does not reach it, so that the demo alone decides the order of stopping.
    """
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
    )
    try:
        yield process
    finally:
        end_session(process)


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Ask the session's leader to stop, then end what is left of the session."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    if process.poll() is None:
        process.kill()
    deadline = time.monotonic() + 5.0
    while (left := session_members(process.pid)) and time.monotonic() < deadline:
        for pid in left:
            _send(pid, signal.SIGKILL)
        time.sleep(0.05)
    process.wait()


class Orphans:
    """Ends what a session's killed parents leave behind: they would serve on, unsupervised."""

    def __init__(self, leader: int) -> None:
        self.leader = leader
        self._asked: set[int] = set()

    def end(self) -> None:
        """Ask each orphan to stop; end those that were asked before."""
        members = _read_session(self.leader)
        orphans = {
            pid for pid, parent in members.items() if pid != self.leader and parent not in members
        }
        for pid in orphans:
            _send(pid, signal.SIGKILL if pid in self._asked else signal.SIGTERM)
        self._asked = orphans


def session_members(session: int) -> list[int]:
    """The pids of a session's processes, zombies left out."""
    return list(_read_session(session))


def _read_session(session: int) -> dict[int, int]:
    """Each process's parent, by pid; none where the system has no /proc."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        # The name, in parentheses, may hold anything: fields are counted from behind it.
        with suppress(OSError):
            _, _, fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")
            state, parent, _group, its_session, *_ = fields.split()
            if state != "Z" and int(its_session) == session:
                found[int(path.parent.name)] = int(parent)
    return found


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _die_with_parent() -> None:
    """Be told to stop when the demo is killed without a chance to do so (Linux)."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
