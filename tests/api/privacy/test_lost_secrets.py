"""A former tombstone secret that is missing is noticed before anybody comes back."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from customers.apps import check_tombstone_secret
from customers.selectors import lost_secrets
from customers.services import erase_customer
from events.algorithms.lines import Sender
from events.services import record_events
from tests.factories.events import event

pytestmark = pytest.mark.django_db
NEW, OLD = "n" * 40, "o" * 40


@pytest.fixture
def erased(settings):
    """Somebody who was erased under the former secret."""
    settings.TOMBSTONE_SECRETS = [OLD]
    erase_customer("gone")
    settings.TOMBSTONE_SECRETS = [NEW, OLD]
    erase_customer("gone-too")


def code():
    return record_events([event(customer_id="gone")], Sender(is_trusted=True))[0].code


def tombstones():
    return Client().get("/readyz").json()["checks"]["tombstones"]["status"]


def test_all_is_well_while_former_ones_are_named(erased):
    assert (lost_secrets(), code(), tombstones()) == ([], "erased", "ok")
    call_command("check", databases=["default"])


def test_one_that_is_missing_is_told(erased, settings):
    settings.TOMBSTONE_SECRETS = [NEW]
    assert code() is None  # which is why
    assert len(lost_secrets()) == 1
    assert tombstones() == "lost"
    for command in (("check", {"databases": ["default"]}), ("migrate", {"skip_checks": False})):
        with pytest.raises(CommandError, match="TOMBSTONE_SECRET_FALLBACKS"):
            call_command(command[0], verbosity=0, **command[1])


def test_a_secret_of_its_own_is_asked_for(settings):
    settings.TOMBSTONE_SECRETS = [NEW]
    assert check_tombstone_secret() == []
    settings.TOMBSTONE_SECRETS = [settings.SECRET_KEY]
    assert [one.id for one in check_tombstone_secret()] == ["customers.E001"]
