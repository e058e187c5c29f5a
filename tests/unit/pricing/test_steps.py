"""The steps of a rule are data, checked before they are kept."""

import pytest

from pricing.algorithms.conditions import StepError, check_steps

GOOD = {"when": [{"signal": "days_of_cover", "op": "<", "value": 7}], "change": "0.03"}


@pytest.mark.parametrize(
    "steps", [[], [GOOD], [{"to_list": True, "reason": "quiet"}], [{"when": [], "change": "-0.05"}]]
)
def test_steps_that_can_be_kept(steps):
    check_steps(steps)


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ({}, ""),
        ([1], "/0"),
        ([{}], "/0"),
        ([GOOD | {"to_list": True}], "/0"),
        ([{"to_list": False}], "/0/to_list"),
        ([GOOD, {"change": 0.03}], "/1/change"),
        ([{"change": "NaN"}], "/0/change"),
        ([{"change": "1e9"}], "/0/change"),
        ([{"change": "-1"}], "/0/change"),
        ([{"change": "0.1", "when": {}}], "/0/when"),
        ([{"change": "0.1", "when": [{"signal": "customer", "op": "<", "value": 1}]}],
         "/0/when/0/signal"),
        ([{"change": "0.1", "when": [{"signal": "stock", "op": "~", "value": 1}]}], "/0/when/0/op"),
        ([{"change": "0.1", "when": [{"signal": "stock", "op": "<", "value": True}]}],
         "/0/when/0/value"),
        ([{"change": "0.1", "whn": []}], "/0"),
        ([{"change": "0.1", "reason": "x" * 201}], "/0/reason"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(steps, pointer):
    with pytest.raises(StepError) as caught:
        check_steps(steps)
    assert caught.value.pointer == pointer
