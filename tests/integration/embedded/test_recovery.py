"""What a crash left is adopted, or cleared away, by the next start."""

import dataclasses
import signal
import subprocess

import pytest

from api.embedded import EmbeddedServicesError
from api.embedded.processes import processes_in, wait_until
from tests.integration.embedded.conftest import (
    all_stopped,
    kill_guard,
    kill_server,
    query,
)


def pids(services):
    return [server.pid for server in services.status().servers]


@pytest.fixture
def crashed(services):
    """Services whose guard and servers were all killed, as a power cut would."""
    services = dataclasses.replace(services, durable=True)
    services.start()
    query(services, "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    kill_guard(services)
    postgres = processes_in(services.layout.data)
    kill_server(services, "redis")
    for mark in postgres:
        mark.send(signal.SIGKILL)
    assert wait_until(lambda: all_stopped(services), 10)
    return services


def test_servers_whose_guard_was_killed_are_adopted(services):
    services.start()
    before = pids(services)
    kill_guard(services)
    with services.lease():
        assert pids(services) == before
        assert query(services, "SELECT 1") == 1


def test_servers_whose_guard_was_killed_can_be_stopped(services):
    services.start()
    kill_guard(services)
    assert services.status().running
    services.stop()
    assert all_stopped(services)


def test_the_last_holder_stops_servers_whose_guard_was_killed(services):
    with services.lease():
        kill_guard(services)
    assert all_stopped(services)


def test_data_survive_the_death_of_everything(crashed):
    with crashed.lease():
        assert query(crashed, "SELECT number FROM kept") == 7


def test_a_stale_pid_file_whose_pid_was_given_away_is_cleared(crashed):
    owner = crashed.layout.data.stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner) as other:
        for lock in ("data/postmaster.pid", "../run/postgres/.s.PGSQL.5432.lock"):
            path = crashed.home / "postgres" / lock
            lines = path.read_text().splitlines()
            path.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        with crashed.lease():
            assert query(crashed, "SELECT number FROM kept") == 7
        assert other.poll() is None
        other.kill()


def test_backends_that_outlive_their_postmaster_are_ended(services):
    services.start()
    kill_guard(services)
    backends = processes_in(services.layout.data)
    for mark in backends:
        if mark.pid != services.pid("postgres"):
            mark.send(signal.SIGSTOP)  # it can't notice that its postmaster has died
    kill_server(services, "postgres")
    with services.lease():
        assert query(services, "SELECT 1") == 1
        assert not any(mark.alive for mark in backends)


def test_a_half_made_cluster_is_made_anew(new_services):
    services = new_services
    services.layout.draft.mkdir(parents=True)
    (services.layout.draft / "PG_VERSION").write_text("18\n")
    with services.lease():
        assert query(services, "SELECT 1") == 1
    assert not services.layout.draft.exists()


def test_state_that_nobody_can_read_does_no_harm(services):
    services.make_home()
    for name in ("state.json", "postgres.json", "redis.json"):
        (services.layout.control / name).write_text('{"half')
    with services.lease():
        assert services.status().running


def test_queues_that_redis_cannot_read_are_put_aside(services):
    services.layout.redis.mkdir()
    (services.layout.redis / "appendonly.aof").write_bytes(b"nonsense\n" * 100)
    durable = dataclasses.replace(services, durable=True)
    with durable.lease():
        assert durable.status().running
    assert (services.home / "redis.unreadable" / "appendonly.aof").exists()


@pytest.mark.parametrize("server", ["postgres", "redis"])
def test_a_server_that_dies_is_started_again(services, server):
    with services.lease():
        dead = kill_server(services, server)
        assert wait_until(lambda: services.status().running, 30)
        assert services.pid(server) != dead
        services.ensure_running()
        assert query(services, "SELECT 1") == 1


@pytest.mark.parametrize("server", ["postgres", "redis"])
def test_without_restarts_it_stays_down_until_started(private_services, server):
    kill_server(private_services, server)
    assert wait_until(lambda: not private_services.status().running, 10)
    private_services.start()
    assert private_services.status().running
    assert query(private_services, "SELECT 1") == 1


def test_a_cluster_of_another_version_is_refused_by_name(new_services):
    services = new_services
    services.layout.data.mkdir(parents=True)
    (services.layout.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(
        EmbeddedServicesError, match=r"made by PostgreSQL 16; this is PostgreSQL 18"
    ):
        services.start()
    assert all_stopped(services)
    assert not services.status().kept


def test_a_folder_that_is_no_cluster_is_left_alone(new_services):
    services = new_services
    services.layout.data.mkdir(parents=True)
    (services.layout.data / "letters.txt").write_text("mine")
    with pytest.raises(EmbeddedServicesError, match="is not a PostgreSQL cluster"):
        services.start()
    assert (services.layout.data / "letters.txt").read_text() == "mine"
