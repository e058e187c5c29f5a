"""`evaluate_recommendations`: figures, JSON, and one clear line for bad input."""

import json
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SHARED = Path(
    os.environ.get("STOREFRONT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")
)
RETAIL = SHARED / "online-retail.events.jsonl.gz"


def run(file, split, *options):
    call_command(
        "evaluate_recommendations", "--interactions", str(file), "--split", split, *options
    )


@pytest.fixture
def ratings(tmp_path):
    path = tmp_path / "ratings.csv"
    rows = [f"u{user},p{(user % 2) * 10 + (user * 3 + step) % 10},{user + step},3"
            for user in range(30) for step in range(6)]  # fmt: skip
    path.write_text("user,item,timestamp,weight\n" + "\n".join(rows) + "\n")
    return path


def test_the_json_has_the_agreed_shape(ratings, tmp_path, capsys):
    out = tmp_path / "out.json"
    run(ratings, "holdout:0.25", "--k", "10", "--json", str(out))
    document = json.loads(out.read_text())
    assert document["dataset"] == "ratings.csv"
    assert document["split"] == "holdout:0.25"
    assert document["users"] == 30
    assert document["live"] == "blend"
    assert set(document["metrics"]) == {
        "popularity",
        "recent_popularity",
        "item_knn",
        "als",
        "blend",
    }
    assert 1 <= document["tuning"]["trials"] <= 12
    assert sum(band["users"] for band in document["bands"]) == 30
    figure = document["metrics"]["als"]["ndcg@10"]
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert "blend (live)" in capsys.readouterr().out


def test_splits_by_time_keep_the_usual_settings_unless_told(ratings, tmp_path):
    out = tmp_path / "out.json"
    run(ratings, "time:1970-01-01T00:00:20", "--json", str(out))
    assert json.loads(out.read_text())["tuning"] is None
    run(ratings, "time:1970-01-01T00:00:20", "--json", str(out), "--tune", "on")
    assert json.loads(out.read_text())["tuning"]["trials"] >= 1
    run(ratings, "holdout:0.25", "--json", str(out), "--tune", "off")
    assert json.loads(out.read_text())["tuning"] is None


@pytest.mark.parametrize(
    ("split", "options", "message"),
    [
        ("yesterday", (), "--split 'yesterday': give time:DATE"),
        ("time:soon", (), "--split"),
        ("holdout:1.5", (), "--split"),
        ("holdout:nan", (), "--split"),
        ("time:2090-01-01", (), "leaves no user"),
        ("holdout:0.25", ("--k", "0"), "--k 0"),
        ("holdout:0.25", ("--json", "/nonexistent/x.json"), "--json"),
    ],
)
def test_bad_input_is_one_clear_line(ratings, split, options, message):
    with pytest.raises(CommandError, match=message) as caught:
        run(ratings, split, *options)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not RETAIL.exists(), reason="the shared retail events are not here")
def test_the_engine_beats_the_baselines_on_real_purchases(tmp_path):
    out = tmp_path / "out.json"
    run(RETAIL, "time:2011-08-01", "--json", str(out))
    document = json.loads(out.read_text())
    ndcg = {name: metrics["ndcg@20"]["value"] for name, metrics in document["metrics"].items()}
    assert document["users"] == 1213
    assert ndcg["popularity"] == pytest.approx(0.053, abs=0.002)
    assert ndcg["als"] >= 0.125
    assert ndcg["item_knn"] >= 0.13
    assert ndcg["blend"] >= 0.135
