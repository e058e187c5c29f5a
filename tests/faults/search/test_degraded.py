"""Search answers with less at hand: no Redis, no model, no embeddings, no log."""

import numpy as np
import pytest
from django.test import Client
from django.test.utils import override_settings

from search.algorithms.encoder import MANIFEST
from search.models import DIMENSIONS, SearchQuery
from search.selectors import encoding
from search.services import query_log
from tests.factories.catalogue import make_product
from tests.factories.search import build_index

pytestmark = pytest.mark.django_db

NO_REDIS = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "unix:///nowhere/redis.sock?db=0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True},
    }
}


@pytest.fixture(autouse=True)
def shop(settings):
    settings.ANONYMOUS_READS = True
    make_product("mug", title="Red mug")
    make_product("chair", title="Chair")


def search(**parameters):
    response = Client().get("/v1/search", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def ids(body):
    return [result["product"]["id"] for result in body["results"]]


def test_without_redis(encoder):
    build_index(encoder)
    with override_settings(CACHES=NO_REDIS):
        body = search(q="red mug or chair", limit=1)
        assert ids(body) == ["mug"]
        assert body["versions"]["source"] == "hybrid"
        assert Client().get(body["next"]).json()["results"][0]["product"]["id"] == "chair"


@pytest.mark.parametrize("state", ["missing", "half written", "damaged"])
def test_without_a_usable_model_by_words_alone(state, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "_holder", encoding.EncoderHolder())
    settings.EMBEDDING_MODEL_DIR = tmp_path / "model"
    if state != "missing":
        (tmp_path / "model").mkdir()
        text = "{" if state == "half written" else '{"name": "x"}'
        (tmp_path / "model" / MANIFEST).write_text(text)
    build_index()
    body = search(q="mug")
    assert ids(body) == ["mug"]
    assert body["versions"]["source"] == "keyword"
    assert body["versions"]["model"] is None


def test_a_model_that_appears_later_is_picked_up(tmp_path, monkeypatch):
    holder = encoding.EncoderHolder()
    monkeypatch.setattr(encoding, "RETRY_SECONDS", 0.0)
    assert holder.get(tmp_path) is None
    loaded = object()
    monkeypatch.setattr(encoding, "Encoder", lambda _folder, **_: loaded)
    assert holder.get(tmp_path) is loaded
    assert holder.get(tmp_path) is loaded


def test_a_model_that_fails_is_not_tried_at_each_request(tmp_path, monkeypatch):
    tried = []

    def fail(folder, **_):
        tried.append(folder)
        raise encoding.UnusableModelError("broken")

    monkeypatch.setattr(encoding, "Encoder", fail)
    holder = encoding.EncoderHolder()
    assert [holder.get(tmp_path) for _ in range(3)] == [None] * 3
    assert len(tried) == 1


@pytest.mark.usefixtures("encoder")
def test_without_embeddings_by_words_alone():
    build_index()
    body = search(q="mug")
    assert ids(body) == ["mug"]
    assert body["versions"]["source"] == "keyword"


def test_a_query_without_direction_goes_by_words(encoder, monkeypatch):
    build_index(encoder)
    monkeypatch.setattr(encoder, "encode_query", lambda _: np.zeros(DIMENSIONS, np.float32))
    assert search(q="a mug without direction")["versions"]["source"] == "keyword"


def test_before_anything_was_indexed():
    assert ids(search(q="mug")) == []
    assert ids(search(q="")) == ["chair", "mug"]


@pytest.mark.django_db(transaction=True)
def test_a_log_that_can_not_be_written_fails_nobody(encoder, monkeypatch):
    build_index(encoder)
    monkeypatch.setattr(query_log, "_RECORD", "SELECT 1 / 0")
    assert ids(search(q="mug"))[0] == "mug"
    monkeypatch.undo()
    assert not SearchQuery.objects.exists()
