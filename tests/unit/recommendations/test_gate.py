"""The gate: what it lets pass, what it refuses, and the reason it gives."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.algorithms.blend import EngineSettings, fit_model
from recommendations.algorithms.evaluation import Evaluation, measure, measure_ndcg
from recommendations.algorithms.gate import GateSettings, find_fault, judge
from recommendations.algorithms.interactions import DAY_SECONDS, Interactions
from recommendations.algorithms.rolling import Outcomes, earlier_outcomes, outcomes_of, pool
from recommendations.algorithms.splits import split_by_time

SETTINGS = GateSettings()


def evaluation(mine, popularity):
    return Evaluation(len(mine), 20, {}, [], {"blend": mine, "popularity": popularity})


def spread(mean, users=200, noise=0.01, seed=1):
    return mean + np.random.default_rng(seed).normal(0, noise, users)


def test_better_than_popularity_and_as_good_as_the_live_one_passes():
    verdict = judge(evaluation(spread(0.30), spread(0.10)), spread(0.302, seed=2), SETTINGS)
    assert verdict.refused is None
    assert [one.against for one in verdict.comparisons] == ["popularity", "live"]
    assert verdict.comparisons[0].difference == pytest.approx(0.2, abs=0.01)


def test_no_better_than_popularity_is_refused():
    verdict = judge(evaluation(spread(0.10), spread(0.12, seed=2)), None, SETTINGS)
    assert verdict.refused.startswith("no better than popularity: nDCG@20 is 0.0993")


def test_a_lead_by_chance_is_refused_where_a_sure_one_can_be_asked_for():
    few, many = 60, 400
    for users, live_led, told in (
        (few, False, None), (few, True, "by chance at most"), (many, False, "by chance at most"),
    ):  # fmt: skip
        generator = np.random.default_rng(4)
        lead = generator.normal(0, 0.3, users)
        mine = spread(0.30, users)
        found = evaluation(mine, mine - (lead - lead.mean() + 0.003))
        refused = judge(found, None, SETTINGS, live_led=live_led).refused
        assert (refused is None) if told is None else (told in refused)


def shop_of_two_tastes(customers=80, taken=12):
    """Customers with even numbers take of the first 40 products, the others of the last 40."""
    generator = np.random.default_rng(3)
    chosen = [generator.permutation(40)[:taken] + 40 * (n % 2) for n in range(customers)]
    steps = np.tile(np.arange(taken) * 3.0, customers)
    people = np.repeat(np.arange(customers), taken)
    return Interactions(
        people, np.concatenate(chosen), np.full(len(people), 5.0),
        (steps + people / customers) * DAY_SECONDS, (customers, 80),
    )  # fmt: skip


def test_windows_mixed_up_at_random_are_refused_whatever_the_shuffle():
    def learn(events):
        cut = float(np.quantile(events.times, 0.9))
        split = split_by_time(events, cut)
        model = fit_model(split.train, EngineSettings(), cut)
        return split, model, measure(model, split, 20)

    events = shop_of_two_tastes()
    _, live, measured = learn(events)
    passed = judge(measured, None, SETTINGS)
    assert passed.refused is None
    assert passed.comparisons[0].low > 0
    refused = 0
    for seed in range(12):
        order = np.random.default_rng(seed).permutation(len(events))
        split, _, mixed = learn(replace(events, products=events.products[order]))
        verdict = judge(mixed, measure_ndcg(live, split, 20), SETTINGS, live_led=True)
        refused += verdict.refused is not None
    # An interval of 95 % lets one in forty pass.
    assert refused >= 11


def test_worse_than_the_live_one_is_refused_beyond_the_tolerance_alone():
    mine = spread(0.30)
    assert judge(evaluation(mine, mine / 3), mine + 0.014, SETTINGS).refused is None
    refused = judge(evaluation(mine, mine / 3), mine + 0.03, SETTINGS).refused
    assert "worse than the live run, by more than 5%" in refused


def test_a_difference_that_chance_explains_is_no_reason():
    mine, live = spread(0.30, users=40, noise=0.3), spread(0.33, users=40, noise=0.3, seed=2)
    verdict = judge(evaluation(mine, mine - 0.1), live, SETTINGS)
    assert verdict.comparisons[1].difference < -0.05 * verdict.comparisons[1].base
    assert verdict.refused is None


def test_too_few_users_conclude_nothing():
    verdict = judge(evaluation(spread(0.1, users=29), spread(0.9, users=29)), None, SETTINGS)
    assert verdict.refused is None
    assert "29 users could be tested" in verdict.note


@pytest.mark.parametrize(
    ("weights", "users", "live", "told"),
    [
        ([1.0, np.nan], [0, 1], None, "1 of the window's weights are not finite"),
        ([1.0, np.inf], [0, 1], None, "not finite"),
        ([1.0] * 40, range(40), 100, "holds 40 events, where the live run's held 100"),
        ([1.0] * 6_000, [0] * 5_000 + [*range(1_000)], None, "one shopper did 5,001"),
        ([1.0] * 60, range(60), 100, None),
        ([1.0] * 4_000, [0] * 4_000, None, None),
        ([], [], None, None),
    ],
)
def test_windows_that_can_not_be_trusted(weights, users, live, told):
    fault = find_fault(np.array(weights), np.array(users, dtype=np.int64), live, SETTINGS)
    assert (fault is None) if told is None else (told in fault)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0, 1), min_size=30, max_size=60), st.floats(0.01, 0.5))
def test_a_model_never_loses_to_itself(values, lead):
    mine = np.array(values)
    assert judge(evaluation(mine + lead, mine), mine + lead, SETTINGS).refused is None


def test_tests_of_earlier_parts_count_where_the_last_part_has_few():
    mine, popularity, users = np.full(40, 0.2), np.full(40, 0.3), np.arange(40)
    last = Outcomes(users, mine, popularity)
    earlier = Outcomes(users + 30, mine + 0.3, popularity)
    tests = pool([last, earlier], SETTINGS.many_tests)
    assert (len(tests), tests.people, tests.splits) == (80, 70, 2)
    alone = judge(evaluation(mine, popularity), None, SETTINGS, tests=last)
    assert "no better than popularity" in alone.refused
    verdict = judge(evaluation(mine, popularity), None, SETTINGS, tests=tests)
    assert verdict.refused is None
    # 10 users were tested on both parts, and count once each.
    lead = (30 * -0.1 + 10 * 0.05 + 30 * 0.2) / 70
    assert verdict.comparisons[0].difference == pytest.approx(lead)
    assert "80 tests of 70 users on its last 2 parts" in verdict.note


def test_no_more_is_tested_than_is_needed():
    def parts():
        yield Outcomes(np.arange(150), spread(0.3, 150), spread(0.1, 150))
        yield Outcomes(np.arange(60), spread(0.3, 60), spread(0.1, 60))
        raise AssertionError("210 tests are enough")

    assert len(pool(parts(), 200)) == 210


def test_what_is_tested_on_an_earlier_part_was_not_learnt_from():
    events = shop_of_two_tastes()
    cuts = np.quantile(events.times, [0.9, 0.8, 0.7]).tolist()
    found = list(earlier_outcomes(events, EngineSettings(), cuts, 20))
    assert len(found) == 2
    for (end, cut), outcomes in zip(pairwise(cuts), found, strict=True):
        split = split_by_time(events.select(events.times < end), cut)
        assert split.train.times.max() < cut
        np.testing.assert_array_equal(outcomes.users, split.users)
        again = measure(fit_model(split.train, EngineSettings(), cut), split, 20)
        np.testing.assert_array_equal(outcomes.mine, outcomes_of(again, split).mine)
    # What comes after the first cut changes nothing.
    past = events.select(events.times < cuts[0])
    for one, other in zip(found, earlier_outcomes(past, EngineSettings(), cuts, 20), strict=True):
        np.testing.assert_array_equal(one.mine, other.mine)
