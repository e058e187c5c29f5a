"""Prices in the admin."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Offer
from pricing.models import (
    PriceFreeze,
    PriceHistory,
    PriceProposal,
    PricingAction,
    PricingRule,
    PricingSwitch,
)
from tests.factories.catalogue import make_category
from tests.factories.pricing import make_rule, set_price

pytestmark = pytest.mark.django_db


def test_the_queue_is_approved_in_bulk_with_a_reason(admin_client, variant, decide):
    make_rule(approval="person", max_change_day=Decimal("0.05"))
    decide(90)
    url = reverse("admin:pricing_priceproposal_changelist")
    page = admin_client.get(url).content.decode()
    assert "the test says so" in page
    assert "largest change" in page
    assert "-5.0%" in page
    pk = PriceProposal.objects.get().pk
    body = {"action": "approve", "_selected_action": [pk], "reason": "season"}
    answer = admin_client.post(url, body, follow=True)
    assert "1 applied" in answer.content.decode()
    assert Offer.objects.get().amount == 95
    action = PricingAction.objects.get()
    assert (action.actor, action.reason) == ("admin admin", "season")


def test_a_timeline_shows_prices_and_why(admin_client, variant):
    set_price(variant, 90, reason="spring")
    page = admin_client.get(reverse("admin:pricing_timeline", args=[variant.pk])).content.decode()
    assert '<path class="price" d="M' in page
    assert "spring" in page
    assert "10 %" in page
    assert admin_client.get(reverse("admin:pricing_timeline", args=[10**9])).status_code == 404


def test_a_price_is_set_by_hand_beside_its_timeline(admin_client, variant):
    make_rule(min_price=80)
    url = reverse("admin:pricing_set", args=[variant.pk])
    done = admin_client.post(url, {"price": "85", "reason": "a fair"}, follow=True)
    assert "The price was applied." in done.content.decode()
    assert Offer.objects.get().amount == 85
    row = PriceHistory.objects.in_force().get()
    assert (row.basis, row.approved_by, row.reason) == ("person", "admin admin", "a fair")
    refused = admin_client.post(url, {"price": "70", "reason": "a fair"}, follow=True)
    assert "outside minimum and maximum" in refused.content.decode()
    for body in ({"price": "x", "reason": "y"}, {"price": "90"}, {"price": "-1", "reason": "y"}):
        assert admin_client.post(url, body, follow=True).status_code == 200
    assert admin_client.get(url).status_code == 403
    assert Offer.objects.get().amount == 85


def test_a_product_is_frozen_beside_its_timeline(admin_client, variant):
    url = reverse("admin:pricing_freeze", args=[variant.pk])
    page = admin_client.post(url, {"act": "freeze", "reason": "a\x00 recall"}, follow=True)
    assert "Frozen by admin admin: a recall" in page.content.decode()
    assert PriceFreeze.objects.in_force(timezone.now()).get().product == variant.product
    page = admin_client.post(url, {"act": "lift"}, follow=True)
    assert "Frozen by" not in page.content.decode()
    assert not PriceFreeze.objects.in_force(timezone.now()).exists()
    assert admin_client.get(url).status_code == 403


def test_who_may_only_look_is_shown_no_forms(client, variant, django_user_model):
    user = django_user_model.objects.create_user("ben", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_pricehistory"))
    client.force_login(user)
    page = client.get(reverse("admin:pricing_timeline", args=[variant.pk]))
    assert page.status_code == 200
    assert "Charge from now on" not in page.content.decode()
    for act in ("set", "freeze"):
        url = reverse(f"admin:pricing_{act}", args=[variant.pk])
        assert client.post(url, {"price": "9", "reason": "x"}).status_code == 403


def test_the_kill_switch_is_flipped_by_hand(admin_client, variant):
    set_price(variant, 90)
    make_category("Phones")
    flip = reverse("admin:pricing_flip")
    answer = admin_client.post(flip, {"act": "kill", "reason": "an error"}, follow=True)
    assert "1 prices returned" in answer.content.decode()
    assert Offer.objects.get().amount == 100
    assert PricingSwitch.objects.get().is_engaged
    admin_client.post(flip, {"act": "resume"})
    assert not PricingSwitch.objects.get().is_engaged
    wrong = admin_client.post(flip, {"act": "kill", "category": "nothing"}, follow=True)
    assert "no such category" in wrong.content.decode()
    assert admin_client.get(flip).status_code == 403


def test_changing_a_rule_makes_its_next_version(admin_client, variant):
    rule = make_rule(name="all")
    url = reverse("admin:pricing_pricingrule_change", args=[rule.pk])
    form = admin_client.get(url).context["adminform"].form
    body = {name: "" if value is None else value for name, value in form.initial.items()}
    body |= {"steps": "[]", "min_price": "5"}
    body.pop("may_explore", None)
    answer = admin_client.post(url, body)
    assert answer.status_code == 302, answer.context["errors"]
    assert list(PricingRule.objects.current().values_list("name", "version", "min_price")) == [
        ("all", 2, 5),
    ]  # fmt: skip
    assert PricingRule.objects.count() == 2


@pytest.mark.parametrize(
    "model",
    ["pricehistory", "pricingaction", "pricefreeze", "priorpricepolicy", "pricingrule",
     "priceproposal", "pricingswitch"],
)  # fmt: skip
def test_every_list_opens(admin_client, variant, model):
    make_rule()
    assert admin_client.get(reverse(f"admin:pricing_{model}_changelist")).status_code == 200
