"""Query parameters: a wrong value is an error that names it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rest.parameters import parse_amount, parse_boolean, parse_integer
from api.rest.problems import InvalidInput


@pytest.mark.parametrize(
    "value", ["0", "101", "-1", "1.5", "1e3", "", " 5", "１２", "1_0", "9" * 5000]
)
def test_integers_out_of_bounds_or_malformed_are_refused(value):
    with pytest.raises(InvalidInput) as refused:
        parse_integer({"limit": value}, "limit", minimum=1, maximum=100)
    assert refused.value.errors[0].parameter == "limit"


@given(st.integers(1, 100))
def test_integers_within_bounds_are_read(number):
    assert parse_integer({"limit": str(number)}, "limit", minimum=1, maximum=100) == number


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e400", "", "abc", "1,5"])
def test_amounts_that_are_no_prices_are_refused(value):
    with pytest.raises(InvalidInput):
        parse_amount({"price_min": value}, "price_min")


def test_amounts_are_exact():
    assert parse_amount({"price_min": "19.99"}, "price_min") == Decimal("19.99")


@given(st.text())
def test_any_text_is_a_boolean_or_refused(value):
    try:
        assert parse_boolean({"explain": value}, "explain", default=False) in {True, False}
    except InvalidInput as refused:
        assert refused.errors[0].parameter == "explain"
