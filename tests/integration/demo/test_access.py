import json

import pytest
from django.contrib.auth import authenticate

from demo.services.access import ensure_access
from partners.models import ApiKey
from partners.selectors import find_credential, forget_credentials

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.STOREFRONT_HOME = tmp_path
    forget_credentials()
    return tmp_path


def test_keys_and_login_work(home):
    access = ensure_access()
    assert find_credential(access.publishable).kind == "publishable"
    assert find_credential(access.secret).may("customers:read")
    assert authenticate(username="admin", password=access.admin_password).is_superuser
    assert json.loads((home / "demo-keys.json").read_text())["secret"] == access.secret
    assert (home / "demo-keys.json").stat().st_mode & 0o777 == 0o600


def test_what_works_is_kept(home):
    assert ensure_access() == ensure_access()
    assert ApiKey.objects.count() == 2


def test_keys_of_another_database_are_replaced(home):
    before = ensure_access()
    ApiKey.objects.all().delete()
    forget_credentials()
    after = ensure_access()
    assert after.secret != before.secret
    assert after.admin_password == before.admin_password
    assert json.loads((home / "demo-keys.json").read_text())["secret"] == after.secret


@pytest.mark.parametrize("content", ["", "[]", '{"secret": 1}', "{"])
def test_a_broken_file_is_written_anew(home, content):
    (home / "demo-keys.json").write_text(content)
    access = ensure_access()
    assert find_credential(access.secret)
