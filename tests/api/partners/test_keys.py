"""API keys: hashed, checked on every call, revocable."""

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from partners.models import ApiKey
from partners.services import create_api_key, revoke_api_key

pytestmark = pytest.mark.django_db


def read(key=None, scheme="Bearer"):
    headers = {"Authorization": f"{scheme} {key}"} if key is not None else {}
    return APIClient().get("/v1/products", headers=headers)


@pytest.mark.parametrize("kind", ["publishable", "secret"])
def test_any_key_reads(kind):
    assert read(create_api_key("shop", kind)).status_code == 200


@pytest.mark.parametrize("key", ["pk_unknown", "", "pk_a b", "ключ", "x" * 4000])
def test_a_wrong_key_is_a_401_that_says_so(key):
    answer = read(key.encode().decode("latin-1"))
    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_key"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_another_scheme_is_refused():
    assert read(create_api_key("shop", "secret"), "Basic").json()["code"] == "invalid_key"


def test_without_a_key_reading_depends_on_the_setting(settings):
    settings.ANONYMOUS_READS = False
    refused = read()
    assert refused.status_code == 401
    assert refused.json()["code"] == "not_authenticated"
    settings.ANONYMOUS_READS = True
    assert read().status_code == 200


def test_the_key_itself_is_stored_nowhere():
    key = create_api_key("shop", "secret")
    row = ApiKey.objects.values().get()
    assert key not in str(row)
    assert row["prefix"] == key[:10]


def test_a_revoked_key_stops_working():
    key = create_api_key("shop", "secret")
    assert read(key).status_code == 200
    revoke_api_key(ApiKey.objects.get())
    assert read(key).status_code == 401


def test_the_command_shows_a_key_that_works(capsys):
    call_command("create_api_key", "front end")
    key = capsys.readouterr().out.strip()
    assert key.startswith("pk_")
    assert read(key).status_code == 200


def test_a_verified_key_costs_no_query(django_assert_num_queries):
    key = create_api_key("shop", "publishable")
    read(key)
    # The empty page of products is the one query left.
    with django_assert_num_queries(1):
        read(key)
