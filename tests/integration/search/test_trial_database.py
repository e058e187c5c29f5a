"""A trial leaves nothing behind, whatever happens in it."""

import pytest
from django.db import connection

from catalogue.models import Product
from search.services import trial
from search.services.trial import trial_database
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db(transaction=True)


def databases():
    """This test's own and its trials: other runs have theirs on the same server."""
    live = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname = %s OR starts_with(datname, %s)",
            [live, f"{live[:40]}_trial_"],
        )
        return {name for (name,) in cursor}


def test_a_trial_is_empty_and_gone_afterwards():
    make_product("live")
    before = databases()
    with trial_database() as name:
        assert not Product.objects.exists()
        make_product("trial")
        assert name in databases()
    assert databases() == before
    assert Product.objects.get().public_id == "live"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_it_is_gone_after_an_error_too(error, monkeypatch):
    monkeypatch.setattr(trial, "call_command", lambda *_, **__: None)
    before = databases()
    with pytest.raises(error), trial_database():
        raise error
    assert databases() == before


def test_what_a_kill_left_is_dropped_by_the_next(monkeypatch):
    monkeypatch.setattr(trial, "call_command", lambda *_, **__: None)
    live = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{live}_trial_dead"')
    with trial_database():
        pass
    assert f"{live}_trial_dead" not in databases()
