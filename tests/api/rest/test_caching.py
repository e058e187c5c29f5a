"""Anonymous answers carry an ETag and must revalidate; personal ones are private."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anonymous(settings):
    settings.ANONYMOUS_READS = True


def test_an_unchanged_answer_is_a_304():
    first = Client().get("/v1/products")
    assert first.headers["Cache-Control"] == "no-cache"
    again = Client().get("/v1/products", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_what_names_a_shopper_is_private():
    answer = Client().get("/v1/products", headers={"X-Visitor-Token": "anything"})
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "X-Visitor-Token" in answer.headers["Vary"]
