"""Rule versions as they are kept."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from pricing.models import PricingRule
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.django_db


def test_a_rule_has_one_current_version():
    PricingRule.objects.create(name="all", currency="USD")
    with pytest.raises(IntegrityError), transaction.atomic():
        PricingRule.objects.create(name="all", currency="USD", version=2)


def test_a_scope_names_what_it_covers_and_nothing_else():
    with pytest.raises(IntegrityError), transaction.atomic():
        PricingRule.objects.create(name="one", currency="USD", scope="product")
    PricingRule.objects.create(name="one", currency="USD", scope="product", product=make_product())


def test_wrong_steps_are_refused_with_their_place():
    rule = PricingRule(name="x", currency="USD", steps=[{"change": 3}])
    with pytest.raises(ValidationError, match="/0/change"):
        rule.full_clean()
