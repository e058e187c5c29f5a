"""`services run`: the guard as a supervised process."""

import os
import signal
import subprocess
import sys

import pytest

from api.embedded.processes import wait_until
from tests.integration.embedded.conftest import REPOSITORY, all_stopped, kill_server, query

RUN = """
import sys
from pathlib import Path
from api.embedded import Services
sys.exit(Services(Path(sys.argv[1]), durable=False).run())
"""


def pids(services):
    return [server.pid for server in services.status().servers]


@pytest.fixture
def run(services):
    """Starts the guard in the foreground and waits until the services are up."""
    started = []

    def start():
        command = [sys.executable, "-c", RUN, services.home]
        process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def is_guarded_by(services, process):
    return lambda: services.status().guard_pid == process.pid and services._ready()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_everything_when_told(services, run, end):
    process = run()
    assert wait_until(is_guarded_by(services, process), 30)
    process.send_signal(end)
    assert process.wait(60) == 0
    assert all_stopped(services)


def test_it_restarts_what_dies_and_needs_no_lease(services, run):
    process = run()
    assert wait_until(is_guarded_by(services, process), 30)
    dead = [kill_server(services, name) for name in ("postgres", "redis")]
    assert wait_until(lambda: services.status().running, 30)
    assert not set(dead) & set(pids(services))
    services.ensure_running()
    assert query(services, "SELECT 1") == 1


def test_it_takes_over_from_a_guard_in_the_background(services, run):
    with services.lease():
        before = pids(services)
        process = run()
        assert wait_until(is_guarded_by(services, process), 30)
        assert pids(services) == before
    assert pids(services) == before  # the end of the lease is not the end of the run


def test_a_second_run_is_refused(services, run):
    first = run()
    assert wait_until(is_guarded_by(services, first), 30)
    second = run()
    _, words = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"they already run, guarded by pid {first.pid}" in words


def test_it_adopts_what_a_killed_run_left(services, run):
    first = run()
    assert wait_until(is_guarded_by(services, first), 30)
    before = pids(services)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(10)
    second = run()
    assert wait_until(is_guarded_by(services, second), 30)
    assert pids(services) == before
