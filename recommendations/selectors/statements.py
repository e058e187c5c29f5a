"""The statement that reads a situation: only the parts that the placements at hand need."""

from functools import lru_cache

from django.conf import settings

from catalogue.selectors import CATALOGUE_VERSION
from customers.selectors import RESOLVE_SHOPPER
from events.selectors import own_events
from recommendations.selectors.needs import Needs

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


# What the shopper did and may be told of by ever after, and what they lately put into the cart.
_LASTING = "purchase,not_interested"
_CARTED = "add_to_cart,remove_from_cart"


def _mine(types: str, since: str | None = None) -> str:
    return own_events(
        "(SELECT customer_id FROM acting)", "(SELECT visitor_id FROM acting)",
        f"'{{{types}}}'::text[]", since,
    )  # fmt: skip


def _acts() -> str:
    """One look at the shopper's events serves what they bought, refused, and have in the cart."""
    return f"""
acts AS MATERIALIZED (
  WITH {_mine(f"{_LASTING},{_CARTED}")}
  SELECT product_id, type, occurred_at FROM mine
),
deeds AS MATERIALIZED (
  SELECT product_id, type, count(DISTINCT occurred_at::date) AS times,
    min(occurred_at) AS first, max(occurred_at) AS last
  FROM acts WHERE type = ANY('{{{_LASTING}}}') GROUP BY product_id, type
),
carts AS MATERIALIZED (
  SELECT product_id, max(occurred_at) AS last FROM acts
  WHERE type <> 'not_interested' AND occurred_at >= now() - interval '{CART_DAYS} days'
  GROUP BY product_id
  HAVING max(occurred_at) FILTER (WHERE type = 'add_to_cart')
    > coalesce(max(occurred_at) FILTER (WHERE type <> 'add_to_cart'), '-infinity')
)"""  # noqa: S608 - constants


def _views() -> str:
    """Not looked at where the row of the shopper's own is long enough to fill the page."""
    return f"""
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
  personal.product_ids, personal.scores, personal.reasons, personal.computed_at::text,
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


def compile_statement(needs: Needs) -> str:
    """The statement that reads what `needs` name, and nothing else."""
    return _compile(needs, settings.CONSENT_REQUIRED)


@lru_cache
def _compile(needs: Needs, consent_required: bool) -> str:  # noqa: ARG001, FBT001 - own_events asks
    parts = {
        "who": f"{_WHO}, {_acts()}" if needs.who else "",
        "views": _views() if needs.views else "",
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
