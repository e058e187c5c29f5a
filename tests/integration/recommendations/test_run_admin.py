"""The admin: runs with figures, one of them made live, nothing changed by hand."""

import pytest

from recommendations.models import ActiveRun, RunActivation, TrainingRun
from tests.factories.recommendations import train_now

PAGES = (
    "trainingrun", "runactivation", "customerrecommendations", "visitorrecommendations",
    "similarproducts", "popularproducts", "textneighbours", "enginetuning", "trainingrun/quality",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_list_opens(run, admin_client, page):
    assert admin_client.get(f"/admin/recommendations/{page}/").status_code == 200


def test_a_run_shows_its_metrics(run, admin_client):
    shown = admin_client.get(f"/admin/recommendations/trainingrun/{run.run_id}/change/")
    assert shown.status_code == 200
    TrainingRun.objects.update(
        metrics={"metrics": {"blend": {"ndcg@20": {"value": 0.1234, "low": 0.1, "high": 0.2}}}}
    )
    shown = admin_client.get(f"/admin/recommendations/trainingrun/{run.run_id}/change/")
    assert b"ndcg@20 0.123 [0.100, 0.200]" in shown.content


def test_a_run_is_made_live_on_record(shop, run, admin_client):
    train_now()
    choice = {"action": "activate", "_selected_action": [run.run_id]}
    admin_client.post("/admin/recommendations/trainingrun/", choice)
    assert ActiveRun.objects.get().run_id == run.run_id
    assert RunActivation.objects.latest("pk").actor == "admin: admin"


def test_nothing_is_changed_by_hand(run, admin_client):
    path = f"/admin/recommendations/trainingrun/{run.run_id}/"
    assert admin_client.post(f"{path}delete/").status_code == 403
    assert admin_client.get("/admin/recommendations/trainingrun/add/").status_code == 403


def test_quality_is_plotted_over_runs(run, admin_client):
    page = "/admin/recommendations/trainingrun/quality/"
    TrainingRun.objects.update(metrics={})
    assert "No run was measured yet" in admin_client.get(page).content.decode()
    figure = {"value": 0.1234, "low": 0.1, "high": 0.2}
    measured = {"users": 40, "metrics": {"blend": {"ndcg@20": figure}}}
    TrainingRun.objects.update(metrics=measured)
    TrainingRun.objects.create(window_end="2026-01-01T00:00Z", state="refused", metrics=measured)
    shown = admin_client.get(page).content.decode()
    assert shown.count("<circle") == 2
    assert "0.1234" in shown
    assert f"Run {run.run_id} is live" in shown


def test_rolling_back_is_an_action(run, admin_client):
    second = train_now()
    admin_client.post(
        "/admin/recommendations/trainingrun/",
        {"action": "roll_back", "_selected_action": [second.run_id]},
    )
    assert ActiveRun.objects.get().run_id == run.run_id
    assert RunActivation.objects.latest("pk").actor == "admin: admin"


def test_a_run_shows_bands_and_what_the_gate_said(run, admin_client):
    figure = {"value": 0.1234, "low": 0.1, "high": 0.2}
    TrainingRun.objects.update(
        metrics={
            "bands": [{"products": "3 to 9", "users": 12, "metrics": {"als": {"ndcg@20": figure}}}],
            "gate": {
                "refused": "worse than the live run",
                "comparisons": [
                    {"against": "live", "base": 0.2, "difference": -0.1, "low": -0.2, "high": -0.05}
                ],
            },
        }
    )
    shown = admin_client.get(f"/admin/recommendations/trainingrun/{run.run_id}/change/")
    text = shown.content.decode()
    assert "3 to 9 products, 12 shoppers" in text
    assert "-0.1000 [-0.2000, -0.0500]" in text
    assert "worse than the live run" in text
