"""All that an answer follows from, save the products themselves, in one statement.

Who the shopper is and what they did, the live run, the row it has for them, what is like the
product, cart or session, and the catalogue's version. Nothing here is older than the statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from api.prepared import run_prepared
from customers.selectors import NOBODY, Shopper, read_shopper
from recommendations.algorithms.repurchase import Bought
from recommendations.models.reasons import StoredReasons
from recommendations.selectors.needs import Named, Needs
from recommendations.selectors.ranked import NOTHING, Ranked
from recommendations.selectors.statements import compile_statement


@dataclass(frozen=True, slots=True)
class Kin:
    """A product that others are like, and those: by behaviour, by text, and bought together."""

    id: int
    public_id: str
    category_id: int | None
    by_behaviour: Ranked
    by_text: Ranked
    together: Ranked


@dataclass(frozen=True, slots=True)
class Situation:
    """What was found. `computed_at` is when the shopper's row was, in PostgreSQL's words.

    `fingerprint` is another whenever anything else here is. Category is None where it was not
    asked for or there is none such. Ids are internal ones.
    """

    shopper: Shopper
    run: int | None
    catalogue_version: str
    fingerprint: bytes
    personal: Ranked = NOTHING
    bought: frozenset[int] = frozenset()
    disliked: frozenset[int] = frozenset()
    in_cart: Sequence[int] = ()
    recent: Sequence[int] = ()
    kin: Mapping[str, Sequence[Kin]] | None = None
    purchases: Sequence[Bought] = ()
    category_id: int | None = None
    category_path: tuple[str, ...] | None = None
    trending: Mapping[int | None, Ranked] | None = None
    computed_at: str | None = None

    def like(self, role: str) -> Sequence[Kin]:
        """The products of that role: product, cart, session or favourite."""
        return (self.kin or {}).get(role, ())


def read_situation(needs: Needs, named: Named, enough: int | None) -> Situation:
    """The situation, in one query.

    `enough` is how long the shopper's own list must be for their views not to matter; None: they
    matter in any case.
    """
    slug = (named.category or "").strip("/")
    parameters = {
        "visitor": named.visitor_id, "customer": named.customer_id, "product": named.product_id,
        "category": slug, "category_path": [part.strip() for part in slug.split(">")],
        "enough": 2**31 - 1 if enough is None else enough,
        "stopped": settings.RECOMMENDATIONS_WINDOW_END == "latest_event",
    }  # fmt: skip
    statement = compile_statement(needs)
    return _to_situation(needs, named, run_prepared(statement, parameters)[0])


def _to_situation(needs: Needs, named: Named, row: Sequence[Any]) -> Situation:
    (
        run, version, ids, scores, reasons, computed_at, bought, disliked, in_cart,
        recent, around, again, category_id, category_path, trending, *who,
    ) = row  # fmt: skip
    shopper = read_shopper(named.visitor_id, named.customer_id, who) if needs.who else NOBODY
    if not shopper.is_known:
        ids = bought = disliked = in_cart = recent = again = computed_at = None
    shown = (
        run, version, computed_at, shopper.customer_id, shopper.visitor_id, bought, disliked,
        in_cart, recent, around, again and _rounded(again), category_id, trending,
    )  # fmt: skip
    return Situation(
        shopper=shopper,
        run=run,
        catalogue_version=version,
        fingerprint=orjson.dumps(shown),
        personal=Ranked(ids, scores, StoredReasons(reasons)) if ids else NOTHING,
        bought=frozenset(bought or ()),
        disliked=frozenset(disliked or ()),
        in_cart=in_cart or (),
        recent=recent or (),
        kin=_to_kin(around, shopper),
        purchases=[Bought(*one) for one in orjson.loads(again)] if again else (),
        category_id=category_id,
        category_path=tuple(category_path) if category_path else None,
        trending=_to_trending(trending),
        computed_at=computed_at,
    )


def _rounded(again: str) -> list[list[Any]]:
    """Purchases with their ages in whole days: needs do not change by the second."""
    return [[*one[:3], int(one[3]), *one[4:]] for one in orjson.loads(again)]


def _to_kin(around: str | None, shopper: Shopper) -> dict[str, list[Kin]]:
    kin: dict[str, list[Kin]] = {}
    for role, id_, public_id, category_id, *lists in orjson.loads(around or "[]"):
        if role == "product" or shopper.is_known:
            behaviour, text, together = (
                Ranked(lists[place] or (), lists[place + 1] or ()) for place in (0, 2, 4)
            )
            one = Kin(id_, public_id, category_id, behaviour, text, together)
            kin.setdefault(role, []).append(one)
    return kin


def _to_trending(found: str | None) -> dict[int | None, Ranked]:
    return {key: Ranked(ids, scores) for key, ids, scores in orjson.loads(found or "[]")}
