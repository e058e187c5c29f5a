"""Whose events are whose: told alike by every reader, whatever was linked, merged or undone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer, IdentityLink
from customers.selectors import Shopper, resolve_shopper
from customers.services import (
    Consent,
    link_visitor,
    log_out_visitor,
    set_customer_consent,
    set_visitor_consent,
    undo_link,
)
from events.models import Event
from events.selectors import (
    Window,
    purchases_of,
    session_views,
    shopper_activity,
    shopper_history,
    training_interactions,
    windowed_counts,
)
from events.services import ensure_partitions, merge, unmerge
from tests.factories.catalogue import make_product
from tests.factories.events import make_customer, make_visitor, record_event

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=1)
NAMES = ("a", "b", "c")


@pytest.fixture(autouse=True)
def month():
    """The month of the events, made once rather than by each example."""
    ensure_partitions(START.date(), START.date())


def hour(count):
    return START + timedelta(hours=count)


def expected(links, at):
    """The customer whose link claims the hour `at`; None: nobody's. `links` as they were made."""
    standing = [link for link in links if not link["undone"]]
    standing.sort(key=lambda link: (link["at"], link["pk"]))
    for number, link in enumerate(standing):
        ends = [link["out"], *(later["at"] for later in standing[number + 1 : number + 2])]
        if all(end is None or at < end for end in ends):
            return link["customer"]
    return None


def owners_by_every_reader(visitor, products):
    """{hour: owner} as told by each reader; all must agree."""
    keys = {product.pk: at for at, product in products.items()}
    customers = {c.pk: c.public_id for c in Customer.objects.filter(public_id__in=NAMES)}
    roots = {c.pk: c.root_id or c.pk for c in Customer.objects.all()}
    told = []

    def tell(pairs):
        told.append({keys[product]: customers.get(who) for who, product in pairs})

    people = [pk for pk in customers if roots[pk] == pk]
    tell(
        [(pk, one.product_id) for pk in people for one in shopper_history(Shopper(customer_id=pk))]
        + [(None, one.product_id) for one in shopper_history(Shopper(visitor_id=visitor.pk))]
    )
    tell(purchases_of([*customers, visitor.pk]))
    read = training_interactions(START, END)
    ids = [*read.customer_ids.tolist(), *read.visitor_ids]
    tell(
        [(ids[row], key) for row, key in zip(read.shoppers, read.product_ids.tolist(), strict=True)]
    )
    counts = {one.shopper: one.events for one in shopper_activity(START, END)}
    assert counts == {
        key: n for key, n in (
            (who, sum(1 for owner in told[-1].values() if owner == customers.get(who)))
            for who in [*people, visitor.pk]
        ) if n
    }  # fmt: skip
    assert told[0] == told[1] == told[2], told
    return told[0]


times = st.integers(0, 22)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("link"), st.sampled_from(NAMES), times),
        st.tuples(st.just("out"), st.none(), times),
        st.tuples(st.just("undo"), st.integers(0, 5), st.none()),
    ),
    max_size=6,
)


def shop():
    visitor = make_visitor()
    for name in NAMES:
        make_customer(name)
    products = {at: make_product() for at in range(0, 24, 2)}
    for at, product in products.items():
        record_event("purchase", product=product, visitor=visitor, occurred_at=hour(at).isoformat())
    return visitor, products


def act(visitor, links, kind, what, at):
    """Do it, and note it in `links`, the model."""
    if kind == "link":
        link, is_new = link_visitor(visitor.pk, what, at=hour(at))
        if is_new:
            links.append({"pk": link.pk, "customer": what, "at": at, "out": None,
                          "undone": False})  # fmt: skip
    elif kind == "out":
        link = log_out_visitor(visitor.pk, at=hour(at))
        if link is not None:
            one = next(one for one in links if one["pk"] == link.pk)
            one["out"] = max(at, one["at"])
    elif what < len(links) and not links[what]["undone"]:
        undo_link(links[what]["pk"])
        links[what]["undone"] = True


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(done=acts)
def test_every_reader_tells_what_the_links_say(done):
    from django.db import transaction  # noqa: PLC0415

    with transaction.atomic():
        visitor, products = shop()
        rows = list(Event.objects.order_by("pk").values())
        links = []
        for one in done:
            act(visitor, links, *one)
            model = {at: expected(links, at) for at in products}
            assert owners_by_every_reader(visitor, products) == model, links
        assert list(Event.objects.order_by("pk").values()) == rows  # nothing is rewritten
        transaction.set_rollback(True)


def test_link_unlink_link_equals_link():
    visitor, products = shop()
    link_visitor(visitor.pk, "a", at=hour(3))
    log_out_visitor(visitor.pk, at=hour(5))
    before = owners_by_every_reader(visitor, products)
    link, _ = link_visitor(visitor.pk, "b", at=hour(7))
    linked = owners_by_every_reader(visitor, products)
    undo_link(link.pk)
    assert owners_by_every_reader(visitor, products) == before != linked
    link_visitor(visitor.pk, "b", at=hour(7))
    assert owners_by_every_reader(visitor, products) == linked


def test_on_a_shared_device_nobody_sees_another():
    visitor, products = shop()
    link_visitor(visitor.pk, "a", at=hour(3))
    log_out_visitor(visitor.pk, at=hour(9))
    shopper = resolve_shopper(visitor.pk)
    assert (shopper.customer_id, shopper.visitor_id) == (None, visitor.pk)
    seen = {one.product_id for one in shopper_history(shopper)}
    assert seen == {product.pk for at, product in products.items() if at >= 9}
    link_visitor(visitor.pk, "b", at=hour(15))
    assert shopper_history(Shopper(visitor_id=visitor.pk)) == []
    of_b = {one.product_id for one in shopper_history(resolve_shopper(visitor.pk))}
    assert of_b == seen


def test_the_session_of_the_next_on_a_device_is_theirs_alone():
    visitor, product, other = make_visitor(), make_product(), make_product()
    record_event(product=product, visitor=visitor, days_ago=0.5)
    link_visitor(visitor.pk, "a")
    assert session_views(resolve_shopper(visitor.pk)) == [product.pk]
    log_out_visitor(visitor.pk)
    assert session_views(resolve_shopper(visitor.pk)) == []
    record_event(product=other, visitor=visitor)
    link_visitor(visitor.pk, "b")
    assert session_views(resolve_shopper(visitor.pk)) == [other.pk]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pairs=st.lists(st.permutations(range(4)).map(lambda order: order[:2]), max_size=4),
    undone=st.permutations(range(4)),
)
def test_merges_are_undone_exactly(pairs, undone):  # noqa: C901
    from django.db import transaction  # noqa: PLC0415

    from customers.exceptions import MergeError  # noqa: PLC0415

    with transaction.atomic():
        people = [make_customer(f"m{number}") for number in range(4)]
        products = [make_product() for _ in people]
        for person, product in zip(people, products, strict=True):
            record_event("purchase", product=product, customer=person)
        tree = {}

        def root(number):
            return root(tree[number]) if number in tree else number

        def check():
            bought = {number: set() for number in range(4)}
            for number in range(4):
                bought[root(number)].add(products[number].pk)
            told = {number: set() for number in range(4)}
            for who, product in purchases_of([person.pk for person in people]):
                told[[person.pk for person in people].index(who)].add(product)
            assert told == bought
            for number in range(4):
                assert resolve_shopper(None, f"m{number}").customer_id == people[root(number)].pk

        for one, into in pairs:
            if one in tree or root(into) == one:
                if tree.get(one) != into:
                    with pytest.raises(MergeError):
                        merge(f"m{one}", f"m{into}")
                continue
            merge(f"m{one}", f"m{into}")
            tree[one] = into
            check()
        for number in undone:
            assert (unmerge(f"m{number}") is not None) == (number in tree)
            tree.pop(number, None)
            check()
        assert not Customer.objects.exclude(root=None).exists()
        transaction.set_rollback(True)


def test_a_merge_takes_the_devices_along():
    customer, visitor, product = make_customer("old"), make_visitor(), make_product()
    link_visitor(visitor.pk, "old")
    record_event(product=product, visitor=visitor)
    merge("old", "new")
    new = resolve_shopper(None, "new")
    assert resolve_shopper(visitor.pk).customer_id == new.customer_id != customer.pk
    assert [one.product_id for one in shopper_history(new)] == [product.pk]


def learnt():
    return len(
        training_interactions(datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    )


def counted():
    window = Window("view", datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    return int(windowed_counts([window]).events.sum())


def test_bots_count_for_nothing():
    visitor, customer, product = make_visitor(), make_customer(), make_product()
    record_event(product=product, visitor=visitor)
    record_event(product=product, customer=customer)
    assert (learnt(), counted()) == (2, 2)
    visitor.is_bot = True
    visitor.save()
    assert (learnt(), counted()) == (1, 1)
    Customer.objects.update(is_bot=True)
    assert (learnt(), counted()) == (0, 0)


def test_what_may_not_be_learnt_from_is_still_counted():
    visitor, customer, product = make_visitor(), make_customer(), make_product()
    record_event(product=product, visitor=visitor)
    record_event(product=product, customer=customer)
    record_event(product=product, customer=customer, consent={"personalisation": False})
    assert (learnt(), counted()) == (2, 3)
    no = Consent(personalisation=False)
    set_visitor_consent(visitor.pk, no)
    assert (learnt(), counted()) == (1, 3)
    set_customer_consent(customer.public_id, no)
    assert (learnt(), counted()) == (0, 3)
    assert purchases_of([customer.pk, visitor.pk]) == []
    shopper = resolve_shopper(visitor.pk, customer.public_id)
    assert not shopper.is_known
    assert shopper_history(shopper) == []
    set_customer_consent(customer.public_id, Consent(personalisation=True))
    assert (learnt(), counted()) == (1, 3)


def test_a_refusal_of_one_holds_for_all_who_are_one_with_them():
    make_customer("a")
    set_customer_consent("a", Consent(personalisation=False))
    merge("a", "b")
    assert not resolve_shopper(None, "b").is_known
    unmerge("a")
    assert resolve_shopper(None, "b").is_known
    assert not resolve_shopper(None, "a").is_known


def test_where_consent_is_required_a_device_is_asked_first(settings):
    visitor, product = make_visitor(), make_product()
    record_event(product=product, visitor=visitor)
    settings.CONSENT_REQUIRED = True
    assert (learnt(), counted()) == (0, 1)
    assert not resolve_shopper(visitor.pk).is_known
    assert shopper_history(Shopper(visitor_id=visitor.pk)) == []
    set_visitor_consent(visitor.pk, Consent(personalisation=True))
    assert (learnt(), counted()) == (1, 1)
    assert len(shopper_history(resolve_shopper(visitor.pk))) == 1
    set_visitor_consent(visitor.pk, Consent(personalisation=False))
    link_visitor(visitor.pk, "a")
    assert learnt() == 0
    assert IdentityLink.objects.in_force().count() == 1
