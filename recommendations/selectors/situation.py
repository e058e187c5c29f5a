"""All that an answer follows from, save the products themselves, in one statement.

Who the shopper is and what they did, the live run, the row it has for them, what is like the
product, cart or session, and the catalogue's version. Nothing here is older than the statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings

from api.prepared import run_prepared
from catalogue.selectors import CATALOGUE_VERSION
from customers.selectors import NOBODY, RESOLVE_SHOPPER, Shopper, read_shopper
from events.selectors import own_events
from recommendations.algorithms.placements import Anchor, Placement, Source
from recommendations.algorithms.repurchase import Bought
from recommendations.selectors.ranked import NOTHING, Ranked

# Beyond so many products of a cart or session the earlier ones tell little.
CART_DEPTH = 20
SESSION_DEPTH = 10
RECENT_DEPTH = 100
# Views older than this are no longer "recent", nor tell a favourite category.
VIEWS_DAYS = 90
CART_DAYS = 30
SESSION_HOURS = 24

_LIVE = """
live AS MATERIALIZED (
  SELECT active.run_id, run.window_end FROM recommendations_activerun AS active
  JOIN recommendations_trainingrun AS run ON run.id = active.run_id
)"""
_WHO = f"""
who AS MATERIALIZED ({RESOLVE_SHOPPER}),
acting AS MATERIALIZED (
  SELECT customer_id,
    CASE WHEN customer_id IS NULL AND %(customer)s::text IS NULL THEN %(visitor)s::uuid END
      AS visitor_id
  FROM who
),
personal AS MATERIALIZED (
  SELECT row.product_ids, row.scores, row.reasons, row.computed_at
  FROM recommendations_customerrecommendations AS row
  WHERE row.customer_id = (SELECT customer_id FROM acting)
    AND row.run_id = (SELECT run_id FROM live)
  UNION ALL
  SELECT row.product_ids, row.scores, row.reasons, row.computed_at
  FROM recommendations_visitorrecommendations AS row
  WHERE row.visitor_id = (SELECT visitor_id FROM acting)
    AND row.run_id = (SELECT run_id FROM live)
)"""  # noqa: S608 - constants


def _mine(types: str, since: str) -> str:
    return own_events(
        "(SELECT customer_id FROM acting)", "(SELECT visitor_id FROM acting)",
        f"'{{{types}}}'::text[]", since,
    )  # fmt: skip


_DEEDS = f"""
deeds AS MATERIALIZED (
  WITH {_mine("purchase,not_interested", "'-infinity'::timestamptz")}
  SELECT product_id, type, count(DISTINCT occurred_at::date) AS times,
    min(occurred_at) AS first, max(occurred_at) AS last
  FROM mine GROUP BY product_id, type
)"""  # noqa: S608 - constants
_CARTS = f"""
carts AS MATERIALIZED (
  WITH {_mine("add_to_cart,remove_from_cart,purchase", f"now() - interval '{CART_DAYS} days'")}
  SELECT product_id, max(occurred_at) AS last FROM mine GROUP BY product_id
  HAVING max(occurred_at) FILTER (WHERE type = 'add_to_cart')
    > coalesce(max(occurred_at) FILTER (WHERE type <> 'add_to_cart'), '-infinity')
)"""  # noqa: S608 - constants
# Not looked at where the row of the shopper's own is long enough to fill the page.
_VIEWS = f"""
views AS MATERIALIZED (
  WITH {_mine("view", f"now() - interval '{VIEWS_DAYS} days'")}
  SELECT product_id, count(*) AS times, max(occurred_at) AS last FROM mine
  WHERE NOT EXISTS (SELECT FROM personal WHERE cardinality(product_ids) >= %(enough)s)
  GROUP BY product_id
)"""  # noqa: S608 - constants

_PRODUCT = """
SELECT 'product' AS role, 0 AS place, id FROM catalogue_product WHERE public_id = %(product)s
"""
_CART = f"""
(SELECT 'cart', row_number() OVER (ORDER BY last DESC, product_id)::int, product_id FROM carts
ORDER BY last DESC, product_id LIMIT {CART_DEPTH})
"""  # noqa: S608 - constants
_SESSION = f"""
(SELECT 'session', row_number() OVER (ORDER BY last DESC, product_id)::int, product_id FROM views
WHERE last >= now() - interval '{SESSION_HOURS} hours'
ORDER BY last DESC, product_id LIMIT {SESSION_DEPTH})
UNION ALL
(SELECT 'favourite', 0, product_id FROM views ORDER BY times DESC, last DESC, product_id LIMIT 1)
"""  # noqa: S608 - constants
_AROUND = """
around AS MATERIALIZED (
  SELECT json_agg(json_build_array(a.role, p.id, p.public_id, p.category_id,
    s.product_ids, s.scores, t.product_ids, t.scores, f.neighbours, f.similarities
  ) ORDER BY a.role, a.place)::text AS found
  FROM ({anchors}) AS a (role, place, id)
  JOIN catalogue_product AS p ON p.id = a.id
  LEFT JOIN recommendations_similarproducts AS s
    ON s.product_id = p.id AND s.run_id = (SELECT run_id FROM live) AND a.role <> 'favourite'
  LEFT JOIN recommendations_textneighbours AS t ON t.product_id = p.id AND a.role <> 'favourite'
  LEFT JOIN recommendations_productfactors AS f
    ON f.product_id = p.id AND f.run_id = (SELECT run_id FROM live) AND {together}
      AND a.role IN ('product', 'cart')
)"""
_NEEDS = """
moment AS (
  SELECT CASE WHEN %(stopped)s THEN coalesce((SELECT window_end FROM live), now()) ELSE now() END
    AS at
),
needs AS MATERIALIZED (
  SELECT json_agg(json_build_array(d.product_id, d.times,
    extract(epoch FROM d.last - d.first) / 86400,
    extract(epoch FROM (SELECT at FROM moment) - d.last) / 86400, cycle.days))::text AS found
  FROM deeds AS d LEFT JOIN recommendations_purchasecycle AS cycle USING (product_id)
  WHERE d.type = 'purchase'
)"""
_CATEGORY = """
category AS MATERIALIZED (
  SELECT id, path FROM catalogue_category
  WHERE slug = %(category)s OR path = %(category_path)s::text[] LIMIT 1
)"""
_TRENDING = """
trending AS MATERIALIZED (
  SELECT json_agg(json_build_array(category_id, product_ids, scores))::text AS found
  FROM recommendations_trendingproducts WHERE category_id IS NULL{or_category}
)"""

_COLUMNS = {
    "who": """
  personal.product_ids, personal.scores, personal.reasons::text, personal.computed_at::text,
  (SELECT array_agg(product_id) FROM deeds WHERE type = 'purchase'),
  (SELECT array_agg(product_id) FROM deeds WHERE type = 'not_interested'),
  (SELECT array_agg(product_id ORDER BY last DESC, product_id) FROM carts)""",
    "views": f"""
  (SELECT array_agg(product_id ORDER BY last DESC, product_id) FROM (
    SELECT product_id, last FROM views ORDER BY last DESC, product_id LIMIT {RECENT_DEPTH}) AS v)
""",  # noqa: S608 - constants
    "around": "(SELECT found FROM around)",
    "needs": "(SELECT found FROM needs)",
    "category": "(SELECT id FROM category), (SELECT path FROM category)",
    "trending": "(SELECT found FROM trending)",
}
_ABSENT = {"who": ", ".join(["NULL"] * 7), "category": "NULL, NULL"}


class Needs(NamedTuple):
    """What of a situation the placements at hand need."""

    who: bool
    views: bool
    session: bool
    cart: bool
    product: bool
    together: bool
    again: bool
    category: bool
    trending: bool


class Named(NamedTuple):
    """What a call names: the shopper, and what its placements are about."""

    visitor_id: UUID | None = None
    customer_id: str | None = None
    product_id: str | None = None
    category: str | None = None


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


def what_is_needed(placements: Sequence[Placement], named: Named) -> Needs:
    """The parts of a situation that `placements` need for what is `named`."""
    sources = {source for placement in placements for source in placement.sources}
    anchors = {placement.anchor for placement in placements}
    known = named.visitor_id is not None or named.customer_id is not None
    favours = any(
        Source.CATEGORY_POPULAR in one.sources and one.anchor in {Anchor.NONE, Anchor.CART}
        for one in placements
    )
    session = known and (Source.SESSION_SIMILAR in sources or favours)
    return Needs(
        who=known,
        views=session or (known and Source.RECENTLY_VIEWED in sources),
        session=session,
        cart=known and Anchor.CART in anchors,
        product=Anchor.PRODUCT in anchors,
        together=Source.BOUGHT_TOGETHER in sources,
        again=known and Source.BUY_AGAIN in sources,
        category=Anchor.CATEGORY in anchors,
        trending=Source.TRENDING in sources,
    )


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


@lru_cache
def compile_statement(needs: Needs) -> str:
    """The statement that reads what `needs` name, and nothing else."""
    parts = {
        "who": f"{_WHO}, {_DEEDS}, {_CARTS}" if needs.who else "",
        "views": _VIEWS if needs.views else "",
        "around": _around(needs),
        "needs": _NEEDS if needs.again else "",
        "category": _CATEGORY if needs.category else "",
        "trending": _TRENDING.format(
            or_category=" OR category_id = (SELECT id FROM category)" if needs.category else ""
        ) if needs.trending else "",
    }  # fmt: skip
    tables = ", ".join([_LIVE, *(part for part in parts.values() if part)])
    columns = ", ".join(
        _COLUMNS[name] if part else _ABSENT.get(name, "NULL") for name, part in parts.items()
    )
    shopper = ("LEFT JOIN personal ON true CROSS JOIN who", ", who.*") if needs.who else ("", "")
    return (
        f"WITH {tables} SELECT live.run_id, {CATALOGUE_VERSION}, {columns}{shopper[1]}"  # noqa: S608 - constants
        f" FROM (SELECT 1) AS one LEFT JOIN live ON true {shopper[0]}"
    )


def _around(needs: Needs) -> str:
    wanted = {"product": _PRODUCT, "cart": _CART, "session": _SESSION}
    anchors = [text for name, text in wanted.items() if getattr(needs, name)]
    if not anchors:
        return ""
    together = "true" if needs.together else "false"
    return _AROUND.format(anchors=" UNION ALL ".join(anchors), together=together)


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
        personal=Ranked(ids, scores, orjson.loads(reasons)) if ids else NOTHING,
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
