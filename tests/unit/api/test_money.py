"""Money on the wire keeps every digit and the currency's minor units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rest.money import render_money


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("19.9900", "EUR", "19.99"),
        ("20.0000", "EUR", "20.00"),
        ("100.0000", "USD", "100.00"),
        ("0", "GBP", "0.00"),
        ("0.1234", "USD", "0.1234"),
        ("1200.0000", "JPY", "1200"),
        ("1.5000", "KWD", "1.500"),
    ],
)
def test_known_amounts(amount, currency, shown):
    assert render_money(Decimal(amount), currency) == {"amount": shown, "currency": currency}


@given(
    st.decimals(min_value=0, max_value=10**9, places=4),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF"]),
)
def test_no_digit_is_lost(amount, currency):
    assert Decimal(render_money(amount, currency)["amount"]) == amount
