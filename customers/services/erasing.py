"""Erase somebody for good: everything of theirs goes, later data are refused, a receipt is left.

First, in one short transaction that no writer of personal data overlaps: a tombstone, a receipt,
and the marks by which writers of other tables see it. Then each app removes what it holds, each in
a transaction together with its counts. So a run may be killed anywhere: another, of the sweep or of
a repeated request, goes on, and the counts are right. What is much is left to a worker. See
decision 0093.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from api.background.periodic import advisory_lock
from customers.algorithms.tombstones import digest, key_id
from customers.models import Customer, Erasure, IdentityLink, Tombstone, Visitor
from customers.selectors import Subject, digests_of
from customers.services.personal_data import MANY_ROWS, Person, all_holdings
from customers.signals import erasure_begun

LOCK_TIMEOUT = "5s"
# Each pass removes what was there; the next finds what came while it did. Writers are held off by
# then, so the second finds nothing but what was under way.
PASSES = 3


def erase_customer(public_id: str) -> Erasure:
    """Erase the customer, all who are one with them, and the visitors that are theirs alone.

    The receipt, still running where that is much; again gives the same one. Raises
    OperationalError where a writer holds it up.
    """
    return _erase(Subject.of(customer_id=public_id), lambda: find_person(public_id))


def erase_visitor(visitor_id: UUID) -> Erasure:
    """Erase the visitor; what a customer's link claims of its events stays that customer's.

    The receipt, still running where that is much; again gives the same one.
    """
    person = Person(visitor_ids=(visitor_id,))
    return _erase(Subject.of(visitor_id=visitor_id), lambda: person)


def finish_erasure(erasure_id: UUID) -> bool:
    """Carry out what was left to a worker; False where that was done or is being done."""
    return any(_carry_out(erasure) for erasure in Erasure.objects.filter(pk=erasure_id))


def finish_erasures() -> int:
    """Go on with erasures that were cut short; how many were finished."""
    running = Erasure.objects.filter(state=Erasure.State.RUNNING).order_by("requested_at")
    return sum(_carry_out(erasure) for erasure in list(running))


def hold_off_erasures() -> None:
    """Let none begin until the transaction at hand ends.

    Whoever writes what names a shopper asks afterwards, in another statement, who is still there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('erasure', 0))")


def _erase(subject: Subject, find: Callable[[], Person]) -> Erasure:
    erasure = _begin(subject, find)
    if erasure.state == Erasure.State.DONE:
        return erasure
    if _is_much(_from_work(erasure.work or {})):
        transaction.on_commit(
            partial(erasure_begun.send_robust, sender=Erasure, erasure_id=erasure.pk)
        )
        return erasure
    _carry_out(erasure)
    erasure.refresh_from_db()
    return erasure


def _is_much(person: Person) -> bool:
    return sum(holding.size(person) for holding in all_holdings()) > MANY_ROWS


@transaction.atomic
def _begin(subject: Subject, find: Callable[[], Person]) -> Erasure:
    """The receipt of the subject, found or begun; what follows is refused from here on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('erasure', 0))")
        cursor.execute("SET LOCAL lock_timeout = 0")
    _, hashes = digests_of([subject])
    known = Tombstone.objects.filter(digest__in=hashes).select_related("erasure").first()
    if known is not None:
        return known.erasure
    person = find()
    erasure = Erasure.objects.create(
        kind=subject.kind, work=_as_work(person), training_runs=_runs_of(person)
    )
    _bury({subject, *_subjects_of(person)}, erasure)
    Customer.objects.filter(pk__in=person.customer_ids).update(is_erasing=True)
    Visitor.objects.filter(pk__in=person.visitor_ids).update(is_erasing=True)
    return erasure


def _carry_out(erasure: Erasure) -> bool:
    """Remove all that there is; False where another process is at it."""
    with advisory_lock(f"erasure:{erasure.pk}") as held:
        if not held:
            return False
        erasure.refresh_from_db()
        if erasure.state == Erasure.State.DONE:
            return False
        person = _from_work(erasure.work or {})
        for number in range(PASSES):
            if not _pass(erasure, person) and number:
                break
        _finish(erasure)
    return True


def _pass(erasure: Erasure, person: Person) -> int:
    """Have each holding removed, with its counts noted in the same transaction; how many rows."""
    removed = 0
    for holding in all_holdings():
        with transaction.atomic():
            counts = Counter(holding.erase(person))
            removed += counts.total()
            erasure.counts = dict(Counter(erasure.counts) + counts)
            erasure.save(update_fields=["counts"])
    return removed


def _finish(erasure: Erasure) -> None:
    erasure.state, erasure.work = Erasure.State.DONE, None
    erasure.unreached = [place for holding in all_holdings() for place in holding.unreached()]
    erasure.finished_at = timezone.now()
    erasure.save(update_fields=["state", "work", "unreached", "finished_at"])


def find_person(public_id: str) -> Person:
    """The customer with all who are one with them, and the visitors whose links are theirs alone.

    Visitors that were linked to somebody else too stay: they are somebody else's device as well.
    """
    named = Customer.objects.filter(public_id=public_id).first()
    if named is None:
        return Person(public_ids=(public_id,))
    root = named.root_id or named.pk
    one = Customer.objects.filter(pk=root) | Customer.objects.filter(root=root)
    people = dict(one.values_list("pk", "public_id"))
    links = IdentityLink.objects.filter(customer__in=people)
    others = IdentityLink.objects.exclude(customer__in=people)
    alone = links.exclude(visitor__in=others.values("visitor")).values_list("visitor_id", flat=True)
    return Person(tuple(people), tuple(people.values()), tuple(sorted(set(alone))))


def _bury(subjects: set[Subject], erasure: Erasure) -> None:
    secret = settings.TOMBSTONE_SECRETS[0]
    Tombstone.objects.bulk_create(
        [
            Tombstone(digest=digest(subject, secret), key_id=key_id(secret), erasure=erasure)
            for subject in sorted(subjects)
        ],
        ignore_conflicts=True,
    )


def _subjects_of(person: Person) -> list[Subject]:
    return [
        *(Subject.of(customer_id=key) for key in person.public_ids),
        *(Subject.of(visitor_id=key) for key in person.visitor_ids),
    ]


def _runs_of(person: Person) -> list[int]:
    return sorted({run for holding in all_holdings() for run in holding.runs(person)})


def _as_work(person: Person) -> dict[str, Sequence[Any]]:
    return {
        "customer_ids": person.customer_ids,
        "public_ids": person.public_ids,
        "visitor_ids": [str(key) for key in person.visitor_ids],
    }


def _from_work(work: dict[str, Any]) -> Person:
    return Person(
        tuple(work.get("customer_ids", ())),
        tuple(work.get("public_ids", ())),
        tuple(UUID(key) for key in work.get("visitor_ids", ())),
    )
