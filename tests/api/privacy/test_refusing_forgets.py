"""Who refuses personalisation has no profile left when the answer comes, and none is built."""

import pytest
from django.test import Client

from customers.models import Customer
from customers.services import link_visitor
from events.models import Event, RefreshRequest
from recommendations.models import (
    CustomerFactors,
    CustomerRecommendations,
    VisitorRecommendations,
)
from recommendations.services.personal_data import drop_erased
from recommendations.services.refreshing import refresh_due_shoppers
from tests.factories.events import (
    bearer,
    customer_header,
    make_customer,
    make_visitor,
    record_event,
    visitor_header,
)
from tests.factories.recommendations import make_shop, train_now

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}
WHO = "refuses"


@pytest.fixture
def profile():
    """A customer and a device of whom all is learnt that can be; the run that did."""
    shop = make_shop()
    customer, device = make_customer(WHO), make_visitor()
    for product in shop.garden[:6]:
        record_event("purchase", product=product, customer=customer)
        record_event(product=product, visitor=device)
    run = train_now()
    refresh_due_shoppers()
    assert profiles_of(customer, device) == (True, True, True)
    return customer, device, run


def profiles_of(customer, device):
    return (
        CustomerFactors.objects.filter(customer=customer).exists(),
        CustomerRecommendations.objects.filter(customer=customer).exists(),
        VisitorRecommendations.objects.filter(visitor=device).exists(),
    )


def say(headers, **consent):
    answer = Client().put("/v1/consent", consent, headers=bearer() | headers, **JSON)
    assert answer.status_code == 200, answer.content


def test_a_customers_profile_is_gone_with_the_answer(profile):
    customer, device, _ = profile
    events = Event.objects.count()
    say(customer_header(WHO), personalisation=False)
    assert profiles_of(customer, device) == (False, False, True)
    assert Event.objects.count() == events  # what it was learnt from is a matter of erasure


def test_so_is_a_devices(profile):
    customer, device, _ = profile
    say(visitor_header(device), personalisation=False)
    assert profiles_of(customer, device) == (True, True, False)


def test_who_learnt_from_a_device_that_refuses_is_made_anew(profile):
    customer, device, _ = profile
    link_visitor(device.pk, WHO)
    RefreshRequest.objects.all().delete()
    say(visitor_header(device), personalisation=False)
    assert RefreshRequest.objects.filter(customer=customer).exists()


def test_so_is_that_of_somebody_who_turns_out_to_be_who_refused(profile):
    customer, device, _ = profile
    say(customer_header("the-same"), personalisation=False)
    assert profiles_of(customer, device) == (True, True, True)
    answer = Client().post(
        f"/v1/customers/{WHO}/merge", {"into": "the-same"}, headers=bearer("secret"), **JSON
    )
    assert answer.status_code == 200, answer.content
    assert profiles_of(customer, device) == (False, False, True)


def test_a_refusal_that_came_during_a_training_is_heeded_by_it(profile):
    customer, device, run = profile
    Customer.objects.filter(pk=customer.pk).update(allows_personalisation=False)
    drop_erased(run.run_id)
    assert profiles_of(customer, device)[:2] == (False, False)


def test_analytics_alone_leaves_it(profile):
    customer, device, _ = profile
    say(customer_header(WHO), analytics=False)
    assert profiles_of(customer, device) == (True, True, True)


def test_who_grants_it_again_has_lists_again(profile):
    customer, *_ = profile
    say(customer_header(WHO), personalisation=False)
    refresh_due_shoppers()
    say(customer_header(WHO), personalisation=True)
    refresh_due_shoppers()
    assert CustomerRecommendations.objects.get(customer=customer).product_ids
