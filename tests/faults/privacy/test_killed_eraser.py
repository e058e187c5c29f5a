"""A process killed amid an erasure leaves what the next one finishes, with the counts it had."""

import pytest

from customers.exceptions import ErasedError
from customers.models import Erasure
from customers.services import erase_customer, finish_erasures, link_visitor
from events.algorithms.lines import Sender
from events.models import Event, EventKey
from events.services import ensure_partitions_ahead, record_events
from tests.factories.catalogue import make_product
from tests.factories.events import event, make_customer, make_visitor, record_event
from tests.factories.privacy import tables_that_tell
from tests.factories.victims import run_and_die

pytestmark = pytest.mark.django_db(transaction=True)
WHO = "erase-me-killed-7f3a"

# Erases in a process of its own, which dies by SIGKILL: before it removes anything, within the
# transaction of the app at the place given once its rows are gone, or when all but the end is done.
ERASER = """
import os, signal, sys, django
from dataclasses import replace
django.setup()
from customers.services import erasing
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def erase_and_die(erase):
    return lambda person: (erase(person), die())
who, point = sys.argv[1:]
if point.isdigit():
    holdings = erasing.all_holdings()
    one = holdings[int(point)]
    holdings[int(point)] = replace(one, erase=erase_and_die(one.erase))
    erasing.all_holdings = lambda: holdings
else:
    setattr(erasing, point, die)
erasing.erase_customer(who)
"""


@pytest.mark.parametrize("point", ["_carry_out", "1", "2", "_finish"])
def test_the_next_finishes_it_with_the_right_counts(point):
    ensure_partitions_ahead()
    product, customer, visitor = make_product(), make_customer(WHO), make_visitor()
    link_visitor(visitor.pk, WHO)
    for number in range(3):
        record_event(product=product, customer=customer, days_ago=number)
        record_event(product=product, visitor=visitor, days_ago=number)
    run_and_die(ERASER, WHO, point)
    assert Erasure.objects.get().state == "running"
    # Begun is begun: whatever comes is refused, though much may still be there.
    outcome = record_events([event(customer_id=WHO)], Sender(is_trusted=True))[0]
    assert outcome.code == "erased"
    with pytest.raises(ErasedError):
        link_visitor(visitor.pk, WHO)
    if point == "2":
        assert erase_customer(WHO).state == "done"  # asked again, not swept
    else:
        assert finish_erasures() == 1
    receipt = Erasure.objects.get()
    assert (receipt.state, receipt.work) == ("done", None)
    assert receipt.counts == {
        "events": 6, "event_keys": 6, "refresh_requests": 1, "identity_links": 1, "customers": 1,
        "visitors": 1,
    }  # fmt: skip
    assert not Event.objects.exists()
    assert not EventKey.objects.exists()
    assert tables_that_tell(WHO, str(visitor.pk)) == set()
