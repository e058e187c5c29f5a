"""Links from visitors to customers: one in force, with a from and a to."""

import pytest

from customers.models import IdentityLink
from customers.services import link_visitor, unlink_visitor
from tests.factories.events import make_customer, make_visitor
from tests.factories.threads import in_threads

pytestmark = pytest.mark.django_db


def test_a_new_link_ends_the_one_before():
    visitor = make_visitor(make_customer("a"))
    link, is_new = link_visitor(visitor.pk, "b")
    assert is_new
    old = IdentityLink.objects.exclude(pk=link.pk).get()
    assert old.unlinked_at == link.linked_at
    assert list(IdentityLink.objects.in_force()) == [link]


def test_unlinking_what_is_not_linked():
    assert unlink_visitor(make_visitor().pk) is False


def test_an_unlinked_visitor_is_linked_anew():
    visitor = make_visitor(make_customer("a"))
    assert unlink_visitor(visitor.pk)
    _, is_new = link_visitor(visitor.pk, "a")
    assert is_new
    assert IdentityLink.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_one_in_force():
    visitor = make_visitor()
    answers = in_threads(12, lambda n: link_visitor(visitor.pk, f"c-{n % 3}")[0].customer_id)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert IdentityLink.objects.in_force().count() == 1
