"""Who comes first starts the services; who leaves last, in whatever way, stops them."""

import signal

import pytest

from api.embedded.processes import wait_until
from tests.integration.embedded.conftest import all_stopped, query


def pids(services):
    return [server.pid for server in services.status().servers]


def test_addresses_are_known_before_anything_runs(new_services):
    services = new_services
    assert services.database_url.startswith("postgresql://storefront@/storefront?host=")
    assert services.cache_url == f"unix://{services.home}/run/redis.sock?db=0"
    assert services.broker_url == f"redis+socket://{services.home}/run/redis.sock?virtual_host=1"
    assert not list(services.home.iterdir())


def test_a_lease_brings_both_up_and_its_end_takes_them_down(services):
    with services.lease():
        assert services.status().running
        assert query(services, "SHOW server_version_num") >= "180000"
        assert query(services, "CREATE EXTENSION IF NOT EXISTS vector") is None
        assert query(services, "SHOW timezone") == "UTC"
    assert all_stopped(services)
    assert not list(services.layout.sockets.glob("**/*sock*"))


def test_letters_follow_unicode_rules(services):
    with services.lease():
        assert query(services, "SELECT lower('ÄÉ')") == "äé"
        words = "SELECT to_tsvector('simple', 'Äpfel—Birne “Été”')::text"
        assert query(services, words) == "'birne':2 'äpfel':1 'été':3"


def test_the_last_of_two_holders_stops_them(services, hold):
    first, second = hold(services.home), hold(services.home)
    assert first.pids() == second.pids()
    first.leave()
    assert services.status().running
    second.leave()
    assert wait_until(lambda: all_stopped(services), 30)


def test_many_that_come_at_once_share_one_instance(new_services, hold):
    services = new_services
    holders = [hold(services.home) for _ in range(4)]
    seen = {tuple(holder.pids()) for holder in holders}
    assert len(seen) == 1
    for holder in holders:
        holder.leave()
    assert all_stopped(services)


def test_leaving_and_coming_at_the_same_time_never_fails(services, hold):
    for _ in range(3):
        holder = hold(services.home)
        assert len(holder.pids()) == 2
        holder.process.stdin.write("bye\n")
        holder.process.stdin.flush()  # it leaves while the next one comes
    assert holder.process.wait(60) == 0
    assert wait_until(lambda: all_stopped(services), 30)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_holder_that_is_killed_leaves_nothing_running(services, hold, end):
    holder = hold(services.home)
    assert len(holder.pids()) == 2
    holder.process.send_signal(end)
    assert holder.process.wait(60) != 0
    assert wait_until(lambda: all_stopped(services), 30)


def test_a_holder_that_raises_leaves_nothing_running(services, hold):
    holder = hold(services.home)
    assert len(holder.pids()) == 2
    holder.leave("raise")
    assert all_stopped(services)


def test_started_services_outlive_leases_until_they_are_stopped(services):
    services.start()
    before = pids(services)
    services.start()
    with services.lease():
        assert pids(services) == before
    assert pids(services) == before
    assert services.status().kept
    services.stop()
    services.stop()
    assert all_stopped(services)


def test_starting_while_a_lease_is_held_keeps_them(services, hold):
    holder = hold(services.home)
    before = holder.pids()
    services.start()
    holder.leave()
    assert pids(services) == before


def test_a_mark_of_an_earlier_boot_keeps_nothing_up(services):
    services.make_home()
    (services.layout.control / "keep").touch()
    with services.lease():
        pass
    assert all_stopped(services)
