"""`run_pipeline` and `train_recommendations` in the foreground."""

import json

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import ActiveRun


@pytest.fixture(autouse=True)
def without_a_model(settings, tmp_path):
    settings.EMBEDDING_MODEL_DIR = tmp_path / "no-model"


def test_the_whole_chain_with_a_summary_and_json(shop, tmp_path, capsys):
    out = tmp_path / "out.json"
    call_command("run_pipeline", "--json", str(out))
    document = json.loads(out.read_text())
    assert document["indexed"] == 24
    assert document["training"]["events"] == 112
    assert document["before"] is None
    assert set(document["seconds"]) == {
        "index", "embed", "neighbours", "train", "trends", "prices", "suggestions", "total",
    }  # fmt: skip
    shown = capsys.readouterr().out
    assert "is live" in shown
    assert "Nothing was embedded" in shown
    call_command("run_pipeline", "--json", str(out))
    assert json.loads(out.read_text())["before"]["run_id"] == document["training"]["run_id"]


def test_titles_are_suggested_at_once(shop, client, settings):
    settings.ANONYMOUS_READS = True
    call_command("run_pipeline")
    title = shop.garden[0].title
    body = client.get("/v1/search/suggestions", {"q": title[:5]}).json()
    assert title in {one["title"] for one in body["products"]}


def test_a_shop_without_events_is_no_error(db, capsys):
    call_command("run_pipeline")
    assert "too little" in " ".join(capsys.readouterr().out.split())
    assert not ActiveRun.objects.exists()


def test_training_prints_what_it_did(shop, capsys):
    call_command("train_recommendations", "--all-history", "--until", "latest_event")
    shown = capsys.readouterr().out
    assert "112" in shown
    assert "is live" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--days", "0"], "--days 0"),
        (["--until", "tomorrow"], "--until 'tomorrow'"),
        (["--until", "2001-01-01"], "too little"),
    ],
)
def test_bad_input_is_one_clear_line(shop, options, message):
    with pytest.raises(CommandError, match=message) as caught:
        call_command("train_recommendations", *options)
    assert "\n" not in str(caught.value)
