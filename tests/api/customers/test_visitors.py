"""POST /v1/visitors gives a visitor and the token that proves to be it."""

import pytest
from django.test import Client
from rest_framework.exceptions import AuthenticationFailed

from customers.authentication import read_visitor_token
from customers.models import Visitor
from tests.factories.events import bearer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["publishable", "secret"])
def test_a_new_visitor(kind):
    answer = Client().post("/v1/visitors", headers=bearer(kind))
    assert answer.status_code == 201
    visitor = Visitor.objects.get()
    assert answer.json()["visitor_id"] == str(visitor.pk)
    assert read_visitor_token(answer.json()["token"]) == visitor.pk


def test_a_key_is_needed(settings):
    settings.ANONYMOUS_READS = True
    assert Client().post("/v1/visitors").status_code == 401


def test_parameters_are_named():
    answer = Client().post("/v1/visitors?x=1", headers=bearer())
    assert answer.json()["errors"][0]["parameter"] == "x"


def test_a_token_outlives_the_key_that_signed_it_while_that_is_named(settings):
    token = Client().post("/v1/visitors", headers=bearer()).json()["token"]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert read_visitor_token(token) == Visitor.objects.get().pk
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(AuthenticationFailed):
        read_visitor_token(token)
