"""The admin: runs with figures, one of them made live, nothing changed by hand."""

import pytest

from recommendations.models import ActiveRun, RunActivation, TrainingRun
from tests.factories.recommendations import train_now

PAGES = (
    "trainingrun", "runactivation", "customerrecommendations", "visitorrecommendations",
    "similarproducts", "popularproducts", "textneighbours",
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
