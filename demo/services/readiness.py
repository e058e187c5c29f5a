"""Waits until everything that was started answers."""

import http.client
import json
import subprocess
import time
from typing import Any

from celery import current_app

from demo.exceptions import NotReadyError
from demo.services.supervision import HOST, logs_folder

WORKERS = 2
ANSWER_SECONDS = 120.0  # on a busy machine
BEAT_SECONDS = 45.0  # Beat's first heartbeat is due after 30


def wait_until_ready(port: int, supervisord: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What /readyz says once the web, both workers and Beat answer.

    Raises NotReadyError where the web or a worker does not; what else is not well stands in the
    answer.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        health = ask_health(port)
        if health is not None and workers_answer():
            break
        if supervisord.poll() is not None or time.monotonic() > deadline:
            raise NotReadyError(f"the processes do not answer; their logs are in {logs_folder()}")
        time.sleep(0.2)
    return _wait_for_beat(port, health)


def ask_health(port: int) -> dict[str, Any] | None:
    """/readyz's answer; None while there is none with 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        content = answer.read()
        return dict(json.loads(content)) if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def workers_answer() -> bool:
    """Whether a worker of each queue answers."""
    try:
        answers = current_app.control.ping(timeout=1.0, limit=WORKERS)
        return len(answers or ()) >= WORKERS
    except Exception:  # noqa: BLE001 - whatever the broker's client raises, nobody answered
        return False


def _wait_for_beat(port: int, health: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + BEAT_SECONDS
    while health["checks"]["beat"]["status"] != "ok" and time.monotonic() < deadline:
        time.sleep(0.3)
        health = ask_health(port) or health
    return health
