"""The admin shows what ran in the background."""

import pytest

from api.background import periodic
from api.background.models import PeriodicRun

pytestmark = pytest.mark.django_db
RUNS = "/admin/background/periodicrun/"


def fail():
    raise ValueError("no sheep")


def test_runs_are_listed_found_and_never_changed(admin_client):
    periodic("count sheep")(lambda: {"sheep": 3})()
    with pytest.raises(ValueError, match="no sheep"):
        periodic("shear sheep")(fail)()
    PeriodicRun.objects.create(name="feed sheep")  # runs, so has taken no time yet
    listed = admin_client.get(RUNS, {"q": "sheep"}).content.decode()
    done = "{&quot;sheep&quot;: 3}"
    assert all(word in listed for word in ("count sheep", done, "shear sheep", "no sheep"))
    failed = admin_client.get(RUNS, {"state": "failed"}).content.decode()
    assert "no sheep" in failed
    assert done not in failed
    run = PeriodicRun.objects.first()
    assert admin_client.get(f"{RUNS}{run.pk}/change/").status_code == 200
    assert admin_client.post(f"{RUNS}{run.pk}/change/", {}).status_code == 403
    assert admin_client.get(f"{RUNS}add/").status_code == 403
