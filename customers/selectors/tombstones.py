"""Who was erased, asked so that no erasure can slip between the question and what follows it."""

from collections.abc import Sequence

from django.conf import settings
from django.db import connection

from customers.algorithms.tombstones import Subject, digests, key_id
from customers.exceptions import ErasedError
from customers.models import Tombstone

__all__ = ["Subject", "digests_of", "erased_among", "find_erased", "lost_secrets", "refuse_erased"]

# The few key ids of perhaps very many tombstones: from each to the next by the index.
_KEY_IDS = """
WITH RECURSIVE one AS (
  SELECT min(key_id) AS key_id FROM customers_tombstone
  UNION ALL
  SELECT (SELECT min(key_id) FROM customers_tombstone WHERE key_id > one.key_id)
  FROM one WHERE one.key_id IS NOT NULL
)
SELECT key_id FROM one WHERE key_id IS NOT NULL
"""


def digests_of(subjects: Sequence[Subject]) -> tuple[list[str], list[bytes]]:
    """What `customers_erased(text[], bytea[])` takes: subjects as `kind:id`, and their digests."""
    return digests(subjects, settings.TOMBSTONE_SECRETS)


def find_erased(subjects: Sequence[Subject]) -> set[Subject]:
    """Those of `subjects` who were erased, as it stands; for reads, which need not be certain."""
    names, hashes = digests_of(subjects)
    by_digest = dict(zip(hashes, names, strict=True))
    found = Tombstone.objects.filter(digest__in=hashes).values_list("digest", flat=True)
    return {Subject(*by_digest[bytes(one)].split(":", 1)) for one in found}


def erased_among(subjects: Sequence[Subject]) -> set[Subject]:
    """Those of `subjects` who were erased.

    Until the transaction at hand ends nobody else is: an erasure waits for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_erased(%s::text[], %s::bytea[])", digests_of(subjects))
        (found,) = cursor.fetchone()
    return {Subject(*name.split(":", 1)) for name in found}


def refuse_erased(*subjects: Subject) -> None:
    """Raise ErasedError where any of `subjects` was erased; else as `erased_among`."""
    if erased_among(subjects):
        raise ErasedError("This shopper was erased; nothing is kept of them any more.")


def lost_secrets() -> list[str]:
    """Key ids of tombstones made with a secret that is not named any more.

    Whoever they stand for would not be refused: the setting must be put right.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEY_IDS)
        used = [key for (key,) in cursor.fetchall()]
    known = {key_id(secret) for secret in settings.TOMBSTONE_SECRETS}
    return [key for key in used if key not in known]
