"""`tune_recommendations`: what is found is kept, and used only where that was asked for."""

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import EngineTuning, TrainingRun
from recommendations.services.engine import configured_engine, current_engine
from tests.factories.recommendations import make_large_shop, train_now


@pytest.fixture
def large_shop(db):
    return make_large_shop()


def test_what_is_found_is_kept_and_not_yet_used(large_shop, capsys):
    call_command("tune_recommendations", "--minutes", "0.001")
    found = EngineTuning.objects.get()
    assert not found.in_use
    assert found.figures["users"] > 0
    assert current_engine() == configured_engine()
    assert "nDCG@20" in capsys.readouterr().out


def test_what_is_in_use_shapes_trainings(large_shop):
    call_command("tune_recommendations", "--minutes", "0.001", "--use")
    EngineTuning.objects.update(parameters={"blend": [1.0, 0.25, 0.0], "als": {"factors": 16}})
    run = TrainingRun.objects.get(pk=train_now().run_id)
    assert run.parameters["engine"]["blend"] == [1.0, 0.25, 0.0]
    assert run.parameters["engine"]["als"]["factors"] == 16
    call_command("tune_recommendations", "--stop-using")
    assert current_engine() == configured_engine()


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "1e9"])
def test_how_long_is_checked(db, minutes):
    with pytest.raises(CommandError, match="--minutes"):
        call_command("tune_recommendations", "--minutes", minutes)


def test_an_empty_shop_can_not_be_searched(db):
    with pytest.raises(CommandError, match="holds no interactions"):
        call_command("tune_recommendations")
