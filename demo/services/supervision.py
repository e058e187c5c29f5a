"""Runs the web server, the workers and Beat under supervisord, which restarts what dies."""

import configparser
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from demo.services.children import child

HOST = "127.0.0.1"
WEB_WORKERS = 2
WEB_THREADS = 4
STOP_SECONDS = 12


def child_environment(*, whole_history: bool) -> dict[str, str]:
    """The environment of everything that the demo starts.

    With `whole_history`, training looks at all events up to the latest, however old.
    """
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "api.settings",
        "STOREFRONT_ENV": "development",
        "STOREFRONT_HOME": str(settings.STOREFRONT_HOME),
        "ANONYMOUS_READS": "true",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if whole_history:
        window = {"RECOMMENDATIONS_WINDOW_END": "latest_event", "RECOMMENDATIONS_WINDOW_DAYS": "0"}
        environment |= window
    return environment


def programs(port: int) -> dict[str, list[str]]:
    """What is supervised: command lines by name."""
    python = [sys.executable, "-m"]
    # What workers would tell each other serves nobody here, and holds them up when Redis hangs.
    quiet = ["--without-heartbeat", "--without-gossip", "--without-mingle"]
    worker = [*python, "celery", "-A", "api.celery", "worker", "--loglevel", "INFO", *quiet]
    web = [
        *python,
        "granian",
        "--interface",
        "wsgi",
        "--host",
        HOST,
        "--port",
        str(port),
        "--no-ws",
    ]
    return {
        "web": [
            *web, "--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS),
            "--respawn-failed-workers", "--workers-kill-timeout", "8",
            "--log-level", "warning", "api.wsgi:application",
        ],
        "worker-fast": [*worker, "-Q", "fast", "-c", "1", "-n", "fast@%h"],
        "worker-pipeline": [*worker, "-Q", "pipeline", "-c", "1", "-n", "pipeline@%h"],
        "beat": [*python, "celery", "-A", "api.celery", "beat", "--loglevel", "INFO", "--pidfile="],
    }  # fmt: skip


def logs_folder() -> Path:
    """Where each program writes its log."""
    return Path(settings.STOREFRONT_HOME) / "logs"


def write_configuration(port: int) -> Path:
    """Supervisord's configuration; the file's path."""
    configuration = configparser.RawConfigParser()
    configuration["supervisord"] = _daemon_section()
    for name, command in programs(port).items():
        configuration[f"program:{name}"] = _program_section(name, command)
    # One group, since groups are stopped one after the other.
    configuration["group:storefront"] = {"programs": ",".join(programs(port))}
    path = Path(settings.STOREFRONT_HOME) / "supervisord.conf"
    with path.open("w", encoding="utf-8") as file:
        configuration.write(file)
    return path


def _daemon_section() -> dict[str, str]:
    logs = logs_folder()
    logs.mkdir(parents=True, exist_ok=True)
    section = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": _escape(str(logs / "supervisord.log")),
        "pidfile": _escape(str(Path(settings.STOREFRONT_HOME) / "supervisord.pid")),
        "childlogdir": _escape(str(logs)),
        "minfds": "256",
        "minprocs": "16",
    }
    # Named as root, supervisord takes it for meant, and says nothing.
    return section | ({"user": "root"} if os.geteuid() == 0 else {})


def _program_section(name: str, command: list[str]) -> dict[str, str]:
    return {
        "command": _escape(shlex.join(command)),
        "autorestart": "true",
        "startsecs": "3",
        "startretries": "1000000",
        "stopsignal": "TERM",
        "stopwaitsecs": str(STOP_SECONDS),
        # A worker's children would miss a signal to it alone only when it must be killed.
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _escape(str(logs_folder() / f"{name}.log")),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "1",
    }


@contextmanager
def supervised(port: int, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Everything that serves, up for as long as the block runs; yields supervisord."""
    path = write_configuration(port)
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(path)]
    with child(command, environment, settings.BASE_DIR) as process:
        yield process


def _escape(text: str) -> str:
    """Supervisord expands `%(name)s`."""
    return text.replace("%", "%%")
