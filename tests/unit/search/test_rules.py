"""Merchandising rules on a list: known answers, the order of conflict, and what always holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.algorithms.rules import (
    Action,
    Rule,
    actions_of,
    arrange,
    first_of,
    select_rules,
    shift_ranks,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def rule(*actions, id=1, **fields):  # noqa: A002 - as the field
    return Rule(id=id, name=f"rule {id}", actions=actions, **fields)


def arranged(product_ids, *rules, pinnable=(), targets=None, **options):
    """The order, where an action without a product concerns `targets` of its number."""
    hits = [
        {action.product_id} if action.product_id else set((targets or {}).get(number, ()))
        for number, (_, action) in enumerate(actions_of(rules))
    ]
    return arrange(product_ids, rules, hits, set(pinnable), **options)


def pin(product_id, position):
    return Action("pin", product_id, position=position)


def test_a_pin_takes_its_position_whether_or_not_the_product_was_found():
    assert arranged([1, 2, 3, 4], rule(pin(4, 2)), pinnable=[4]).product_ids == [1, 4, 2, 3]
    assert arranged([1, 2, 3], rule(pin(9, 1)), pinnable=[9]).product_ids == [9, 1, 2, 3]


def test_a_pin_beyond_the_end_comes_last():
    assert arranged([1, 2], rule(pin(9, 50)), pinnable=[9]).product_ids == [1, 2, 9]
    assert arranged([], rule(pin(9, 3), pin(8, 2)), pinnable=[8, 9]).product_ids == [8, 9]


def test_of_two_pins_at_one_position_the_second_has_the_next():
    order = arranged([1, 2], rule(pin(8, 1)), rule(pin(9, 1), id=2), pinnable=[8, 9]).product_ids
    assert order == [8, 9, 1, 2]


def test_a_product_is_pinned_where_the_first_rule_says():
    order = arranged([1, 2, 3], rule(pin(3, 2)), rule(pin(3, 1), id=2), pinnable=[3]).product_ids
    assert order == [1, 3, 2]


def test_a_pin_of_what_can_not_be_bought_leaves_the_product_where_it_was():
    assert arranged([1, 2, 3], rule(pin(3, 1), pin(9, 1))).product_ids == [1, 2, 3]


def test_hidden_is_hidden_whatever_pins_or_boosts():
    hide = rule(Action("hide", 3), priority=-5, id=2)
    wanted = rule(pin(3, 1), Action("boost", 3, places=9))
    result = arranged([1, 2, 3], wanted, hide, pinnable=[3])
    assert result.product_ids == [1, 2]
    assert result.removed == {3}


def test_a_filter_keeps_nothing_else_and_binds_pins():
    filtering = rule(Action("filter"), pin(9, 1), pin(8, 1))
    result = arranged([1, 2, 3], filtering, pinnable=[8, 9], targets={0: [2, 3, 8]})
    assert result.product_ids == [8, 2, 3]


def test_two_filters_must_both_hold():
    both = rule(Action("filter"), Action("filter"))
    assert arranged([1, 2, 3], both, targets={0: [1, 2], 1: [2, 3]}).product_ids == [2]


def test_boost_and_bury_move_by_their_places():
    up, down = rule(Action("boost", 4, places=2)), rule(Action("bury", 1, places=2))
    assert arranged([1, 2, 3, 4, 5], up).product_ids == [1, 4, 2, 3, 5]
    assert arranged([1, 2, 3, 4, 5], down).product_ids == [2, 3, 1, 4, 5]
    assert arranged([1, 2, 3], rule(Action("boost", 3, places=100))).product_ids == [3, 1, 2]


def test_of_several_moves_of_a_product_the_first_rule_is_done():
    up, down = Action("boost", 3, places=1), Action("bury", 3, places=9)
    result = arranged([1, 2, 3, 4], rule(up), rule(down, id=2))
    assert result.product_ids == [1, 3, 2, 4]
    assert result.effects[3].rule_id == 1
    assert result.effects[3].places == 1


def test_a_list_sorted_by_price_is_only_thinned():
    wanted = rule(pin(3, 1), Action("boost", 2, places=5), Action("hide", 1))
    result = arranged([1, 2, 3], wanted, pinnable=[3], reorder=False)
    assert result.product_ids == [2, 3]
    assert not result.effects


@pytest.mark.parametrize(
    ("query", "applies"), [("red mug", True), ("a red mug, big", False), ("red mugs", False)]
)
def test_an_exact_condition_is_the_whole_query(query, applies):
    known = rule(queries=frozenset({"red mug"}))
    assert bool(select_rules([known], query, frozenset(), NOW)) is applies


def test_a_phrase_is_words_in_a_row():
    known = rule(queries=frozenset({"red mug"}), is_phrase=True)
    assert select_rules([known], "big red mug", frozenset(), NOW)
    assert not select_rules([known], "red big mug", frozenset(), NOW)
    assert not select_rules([known], "bored mug", frozenset(), NOW)


def test_a_category_condition_holds_below_it_and_nowhere_else():
    known = rule(category="kitchen")
    assert select_rules([known], "", frozenset({"kitchen", "kitchen/mugs"}), NOW)
    assert not select_rules([known], "", frozenset({"office"}), NOW)
    assert not select_rules([known], "mug", frozenset(), NOW)


def test_a_window_is_from_its_start_to_before_its_end():
    hour = timedelta(hours=1)
    assert rule(starts_at=NOW, ends_at=NOW + hour).is_due(NOW)
    assert not rule(starts_at=NOW - hour, ends_at=NOW).is_due(NOW)
    assert not rule(starts_at=NOW + hour).is_due(NOW)


def test_priority_then_the_narrower_then_the_older_has_its_way():
    everywhere = rule(id=1)
    by_category = rule(id=2, category="kitchen")
    by_phrase = rule(id=3, queries=frozenset({"mug"}), is_phrase=True)
    by_query = rule(id=4, queries=frozenset({"mug"}))
    by_both = rule(id=5, queries=frozenset({"mug"}), category="kitchen")
    strong = rule(id=6, priority=1)
    twin = rule(id=7, queries=frozenset({"mug"}), category="kitchen")
    given_ = [everywhere, by_category, by_phrase, twin, by_query, by_both, strong]
    order = select_rules(given_, "mug", frozenset({"kitchen"}), NOW)
    assert [known.id for known in order] == [6, 5, 7, 4, 3, 2, 1]


def test_the_first_redirect_has_its_way():
    first, second = Action("redirect", url="/a"), Action("redirect", url="/b")
    found = first_of([rule(first), rule(second, id=2)], "redirect")
    assert found is not None
    assert found[1].url == "/a"
    assert first_of([rule()], "banner") is None


ids = st.lists(st.integers(1, 40), unique=True, max_size=30)
actions = st.one_of(
    st.builds(pin, st.integers(1, 40), st.integers(1, 100)),
    st.builds(Action, st.just("hide"), st.integers(1, 40)),
    st.builds(
        Action,
        st.sampled_from(["boost", "bury"]),
        st.integers(1, 40),
        places=st.integers(1, 100),
    ),
)
rules = st.lists(st.lists(actions, max_size=6), max_size=4).map(
    lambda many: [rule(*one, id=number) for number, one in enumerate(many)]
)


@given(ids, rules, st.sets(st.integers(1, 40)))
def test_nothing_is_lost_repeated_or_invented(product_ids, known, pinnable):
    result = arranged(product_ids, *known, pinnable=pinnable)
    hidden = {a.product_id for _, a in actions_of(known) if a.kind == "hide"}
    pinned = {a.product_id for _, a in actions_of(known) if a.kind == "pin"} & pinnable
    assert len(result.product_ids) == len(set(result.product_ids))
    assert set(result.product_ids) == (set(product_ids) | pinned) - hidden
    assert not hidden & set(result.product_ids)


@given(ids, rules, st.sets(st.integers(1, 40)))
def test_the_strongest_pin_stands_where_it_should(product_ids, known, pinnable):
    result = arranged(product_ids, *known, pinnable=pinnable)
    hidden = {a.product_id for _, a in actions_of(known) if a.kind == "hide"}
    pins = [a for _, a in actions_of(known) if a.kind == "pin"]
    allowed = [a for a in pins if a.product_id in pinnable - hidden]
    if allowed:
        place = result.product_ids.index(allowed[0].product_id) + 1
        assert place == min(allowed[0].position, place)
        if len(result.product_ids) >= allowed[0].position:
            assert place <= allowed[0].position
            others = {a.product_id for a in allowed}
            if len(result.product_ids) - len(others) >= allowed[0].position:
                assert place == allowed[0].position


@given(ids, st.dictionaries(st.integers(1, 40), st.floats(-7, 5)))
def test_nobody_moves_farther_than_both_bounds_together(product_ids, shifts):
    moved = shift_ranks(product_ids, shifts)
    assert sorted(moved) == sorted(product_ids)
    for product_id in product_ids:
        assert abs(moved.index(product_id) - product_ids.index(product_id)) <= 12


@given(ids.filter(bool), st.data())
def test_one_that_is_moved_alone_goes_exactly_so_far(product_ids, data):
    rank = data.draw(st.integers(0, len(product_ids) - 1))
    places = data.draw(st.integers(-50, 50))
    moved = shift_ranks(product_ids, {product_ids[rank]: places})
    assert moved.index(product_ids[rank]) == min(max(rank - places, 0), len(product_ids) - 1)
