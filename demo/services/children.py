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
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    deadline = time.monotonic() + 5.0
    while (left := session_members(process.pid)) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    process.wait()


def session_members(session: int) -> list[int]:
    """The pids of a session's processes, zombies left out; only the leader where /proc is not."""
    processes = Path("/proc")
    if not (processes / "self" / "stat").exists():
        return [session] if _runs(session) else []
    return [
        int(entry.name)
        for entry in processes.iterdir()
        if entry.name.isdigit() and _is_member(entry, session)
    ]


def _is_member(process: Path, session: int) -> bool:
    try:
        # The name, in parentheses, may hold anything: fields are counted from behind it.
        fields = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
    except OSError:
        return False
    state, _parent, _group, its_session, *_ = fields[2].split()
    return state != "Z" and int(its_session) == session


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _die_with_parent() -> None:
    """Be told to stop when the demo is killed without a chance to do so (Linux)."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
