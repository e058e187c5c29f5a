"""The form of a rule in the admin: a slip is shown beside its field, and nothing is kept."""

import pytest
from django.urls import reverse

from pricing.models import PricingRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def fill_in(admin_client):
    url = reverse("admin:pricing_pricingrule_add")
    initial = admin_client.get(url).context["adminform"].form
    blank = {name: field.initial for name, field in initial.fields.items()}
    blank.pop("may_explore")
    kept = {name: value for name, value in blank.items() if value is not None}

    def post(**fields):
        body = kept | {"name": "all", "currency": "USD", "steps": "[]"} | fields
        return admin_client.post(url, body)

    return post


def test_a_rule_is_kept(fill_in):
    assert fill_in(margin_floor="0.15").status_code == 302
    assert PricingRule.objects.get().margin_floor * 100 == 15


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", "{}"), ("steps", "[{}]"), ("steps", "nonsense"), ("margin_floor", "15"),
        ("max_change_day", "7"), ("scope", "product"), ("decider", "campaign"), ("currency", "usd"),
        ("interval_minutes", "0"), ("active_from_0", "yesterday"), ("name", ""),
    ],
)  # fmt: skip
def test_a_slip_is_shown_beside_its_field(fill_in, field, value):
    answer = fill_in(**{field: value})
    assert answer.status_code == 200
    shown = answer.context["adminform"].form.errors
    where = {"scope": "product", "decider": "campaign_price", "active_from_0": "active_from"}
    assert set(shown) == {where.get(field, field)}
    assert not PricingRule.objects.exists()
