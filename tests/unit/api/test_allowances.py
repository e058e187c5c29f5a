"""An advance is never more than was taken, grows while it is used up, and lapses."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from api.rest.allowances import ADVANCE_SECONDS, CALLS_PER_ADVANCE, Allowances, Ask

BUSY = {"key:a": 100 * CALLS_PER_ADVANCE}


def call(allowances, rates, now):
    """How many calls were taken from buckets for this one."""
    asks = allowances.spend(rates, now)
    if asks:
        allowances.lend(rates, asks, now)
    return sum(ask.calls for ask in asks)


def test_who_calls_much_is_asked_about_ever_more_seldom():
    allowances = Allowances()
    taken = [call(allowances, BUSY, 0.5) for _ in range(127)]
    assert [calls for calls in taken if calls] == [1, 2, 4, 8, 16, 32, 64]


def test_it_grows_to_a_hundredth_of_a_second_and_no_more():
    allowances = Allowances()
    assert max(call(allowances, BUSY, 0.5) for _ in range(1000)) == 100


def test_who_calls_once_a_second_takes_one_call_each():
    allowances = Allowances()
    assert [call(allowances, BUSY, 2.0 * second) for second in range(5)] == [1] * 5


def test_what_is_left_lapses():
    allowances = Allowances()
    for _ in range(4):
        call(allowances, BUSY, 0.0)  # 1 + 2, and one of 4
    assert allowances.spend(BUSY, ADVANCE_SECONDS + 0.01) == [Ask("key:a", BUSY["key:a"], 1)]


def test_small_rates_are_asked_about_call_by_call():
    allowances = Allowances()
    assert [call(allowances, {"key:a": 60}, 0.0) for _ in range(5)] == [1] * 5


def test_only_the_empty_bucket_is_asked_and_nothing_is_counted_meanwhile():
    allowances = Allowances()
    for _ in range(2):
        call(allowances, BUSY, 0.0)  # one call is left
    both = BUSY | {"shopper:b": 60}
    assert [ask.bucket for ask in allowances.spend(both, 0.0)] == ["shopper:b"]
    assert allowances.spend(BUSY, 0.0) == []  # the one that was left


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(0, 0.7)), min_size=1, max_size=300
    )
)
def test_no_more_calls_are_let_through_than_were_taken(calls):
    allowances, now = Allowances(), 0.0
    made, taken = Counter(), Counter()
    for bucket, pause in calls:
        now += pause
        rates = {bucket: 50 * CALLS_PER_ADVANCE}
        asks = allowances.spend(rates, now)
        if asks:
            taken[bucket] += asks[0].calls
            allowances.lend(rates, asks, now)
        made[bucket] += 1
        assert made[bucket] <= taken[bucket]
