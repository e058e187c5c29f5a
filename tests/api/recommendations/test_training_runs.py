"""`/v1/training-runs`: who may see them, make one live, and roll back."""

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from partners.services import create_api_key
from recommendations.models import ActiveRun, RunActivation, TrainingRun
from recommendations.selectors.runs import forget_active_run
from tests.factories.recommendations import train_now

URL = "/v1/training-runs"


def client_with(kind, scopes=None):
    client = APIClient()
    key = create_api_key("tests", kind, scopes)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


@pytest.fixture
def client(db):
    return client_with("secret", ["recommendations:write"])


def test_runs_are_listed_newest_first_with_their_figures(client, run, django_assert_num_queries):
    second = train_now().run_id
    client.get(URL)  # the key is known to the process from here on
    with django_assert_num_queries(2):  # the page; which one is live
        found = client.get(URL).json()["results"]
    assert [(one["id"], one["live"]) for one in found] == [(second, True), (run.run_id, False)]
    assert found[0]["parent"] == run.run_id
    assert "not measured" in found[0]["gate"]["note"]
    assert client.get(f"{URL}/{second}").json() == found[0]


def test_a_refused_run_tells_why(client, run):
    TrainingRun.objects.create(window_end="2026-01-01T00:00Z", state="refused", error="too bad")
    assert client.get(URL).json()["results"][0]["reason"] == "too bad"


def test_activating_is_one_call_and_on_record(client, run, settings):
    second = train_now().run_id
    answer = client.post(f"{URL}/{run.run_id}/activate")
    assert answer.status_code == 200
    assert answer.json() == {"run": run.run_id, "replaced": second}
    assert RunActivation.objects.latest("pk").actor.startswith("key: sk_")
    forget_active_run()
    shown = client.get("/v1/recommendations/home").json()
    assert shown["run"] == run.run_id
    assert client.post(f"{URL}/roll-back").json() == {"run": second, "replaced": run.run_id}


@pytest.mark.parametrize("state", ["refused", "failed", "pruned", "running"])
def test_what_is_not_ready_can_not_go_live(client, run, state):
    other = TrainingRun.objects.create(window_end="2026-01-01T00:00Z", state=state)
    answer = client.post(f"{URL}/{other.pk}/activate")
    assert (answer.status_code, answer.json()["code"]) == (409, "run_not_ready")
    assert ActiveRun.objects.get().run_id == run.run_id


def test_without_a_run_before_there_is_nothing_to_roll_back_to(client, run):
    answer = client.post(f"{URL}/roll-back")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_roll_back_to")


def test_unknown_runs_and_parameters(client, run):
    assert client.get(f"{URL}/999999").status_code == 404
    assert client.post(f"{URL}/999999/activate").status_code == 404
    assert client.get(f"{URL}/99999999999999999999").status_code == 404
    assert client.post(f"{URL}/99999999999999999999/activate").status_code == 404
    assert client.get(URL, {"colour": "red"}).status_code == 400


@pytest.mark.parametrize(("kind", "scopes"), [("publishable", None), ("secret", ["events:write"])])
def test_it_takes_a_secret_key_with_the_scope(run, kind, scopes):
    other = client_with(kind, scopes)
    for answer in (
        other.get(URL), other.get(f"{URL}/{run.run_id}"),
        other.post(f"{URL}/{run.run_id}/activate"), other.post(f"{URL}/roll-back"),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (403, "secret_key_required")
    assert APIClient().get(URL).status_code == 401


def test_the_command_does_the_same(run, capsys):
    second = train_now().run_id
    call_command("activate_run", str(run.run_id))
    assert ActiveRun.objects.get().run_id == run.run_id
    call_command("activate_run", "--roll-back")
    assert ActiveRun.objects.get().run_id == second
    assert RunActivation.objects.latest("pk").actor.startswith("activate_run: ")
    with pytest.raises(CommandError, match="does not exist, so it can't go live"):
        call_command("activate_run", "999999")
