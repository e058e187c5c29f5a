"""Whose events are whose: the one place that knows links, merges, bots and consent, as SQL.

An event that names a customer is that customer's. One that names a visitor alone is the customer's
whose link claims its time (`IdentityLink`), or else the visitor's own. A customer who was merged
into another is that other. Events are never rewritten, so undoing a link or a merge undoes all.

Two forms: joins for a scan of the log (`ATTRIBUTED`), and parts of a WITH clause that find the
events of named shoppers by index (`events_of`).
"""

from django.conf import settings

# Joins to `events_event AS e`. `account` is there only for customers who are not simply themselves
# (merged, refusing, bots), `device` only for visitors who refuse or are bots: both are few.
ATTRIBUTED = """
LEFT JOIN customers_identitylink AS claim
  ON claim.visitor_id = e.visitor_id AND e.customer_id IS NULL AND claim.undone_at IS NULL
  AND e.occurred_at >= coalesce(claim.claims_from, '-infinity')
  AND e.occurred_at < coalesce(claim.ended_at, 'infinity')
LEFT JOIN customers_customer AS account
  ON account.id = coalesce(e.customer_id, claim.customer_id)
  AND (account.root_id IS NOT NULL OR NOT account.allows_personalisation OR account.is_bot)
LEFT JOIN customers_visitor AS device
  ON device.id = e.visitor_id AND (NOT device.personalisation OR device.is_bot)
"""
# Who did it: a customer's id, or null; and a visitor's where it is no customer, or null.
CUSTOMER = "coalesce(account.root_id, e.customer_id, claim.customer_id)"
VISITOR = "CASE WHEN e.customer_id IS NULL AND claim.customer_id IS NULL THEN e.visitor_id END"
# What figures count: all but bots.
BY_PEOPLE = (
    "(e.restriction IS DISTINCT FROM 'bot' AND account.is_bot IS NOT TRUE"
    " AND device.is_bot IS NOT TRUE)"
)

# The same for reads that need not know who it was: no claim is looked up.
PEOPLE = """
LEFT JOIN customers_customer AS account ON account.id = e.customer_id AND account.is_bot
LEFT JOIN customers_visitor AS device ON device.id = e.visitor_id AND device.is_bot
"""

# Nothing personal is learnt from what was done on a device that refuses, or by a bot.
_LEARNT_FROM = """e.restriction IS NULL AND NOT EXISTS (
    SELECT FROM customers_visitor AS device
    WHERE device.id = e.visitor_id AND (NOT device.personalisation OR device.is_bot)
  )"""

_EVENTS_OF = """
asked AS MATERIALIZED ({asked}),
account AS MATERIALIZED (
  SELECT asked.position, one.id FROM asked
  JOIN customers_customer AS one ON one.id = asked.customer_id
  WHERE one.root_id IS NULL AND one.allows_personalisation AND NOT one.is_bot
    AND NOT one.is_erasing
  UNION ALL
  SELECT asked.position, member.id FROM asked
  JOIN customers_customer AS member ON member.root_id = asked.customer_id
  WHERE member.root_id IS NOT NULL AND member.allows_personalisation AND NOT member.is_bot
    AND NOT member.is_erasing
),
device AS MATERIALIZED (
  SELECT account.position, claim.visitor_id,
    coalesce(claim.claims_from, '-infinity') AS since, coalesce(claim.ended_at, 'infinity') AS until
  FROM account JOIN customers_identitylink AS claim
    ON claim.customer_id = account.id AND claim.undone_at IS NULL
  UNION ALL
  SELECT asked.position, asked.visitor_id, coalesce((
      SELECT max(coalesce(claim.ended_at, 'infinity')) FROM customers_identitylink AS claim
      WHERE claim.visitor_id = asked.visitor_id AND claim.undone_at IS NULL
    ), '-infinity'), 'infinity'
  FROM asked JOIN customers_visitor AS one ON one.id = asked.visitor_id
  WHERE {consented} AND NOT one.is_erasing
),
mine AS (
  SELECT account.position, {columns}
  FROM account CROSS JOIN LATERAL (
    SELECT e.* FROM events_event AS e
    WHERE e.customer_id = account.id AND {condition} {since_of_account} {fence}
  ) AS e
  WHERE {learnt_from}
  UNION ALL
  SELECT device.position, {columns}
  FROM device CROSS JOIN LATERAL (
    SELECT e.* FROM events_event AS e
    WHERE e.visitor_id = device.visitor_id AND e.customer_id IS NULL
      AND e.occurred_at < ALL (ARRAY[device.until]) AND {condition} {since_of_device} {fence}
  ) AS e
  WHERE {learnt_from}
)
"""
# Each shopper's events are asked for on their own, which an index answers. PostgreSQL would join
# otherwise, and where it has no statistics yet, as after a burst, read the whole log for it.
_FENCE = "OFFSET 0"
# The time is asked in two forms that the index of all times cannot answer: where statistics say
# that a month is as good as empty, that index would seem as cheap as the shopper's own, and be read
# whole for each shopper. By the first form months are left out, by the second rows within the
# shopper's index, without a look at the table.
_SINCE = """AND e.occurred_at >= ALL (ARRAY[{since}])
      AND (e.{whose}, e.occurred_at) >= ({who}, greatest({since}))"""


def learnt_from() -> str:
    """SQL, beside `ATTRIBUTED`: whether a personal profile may be made of the event.

    Not of bots, nor where device or account refuse; a device alone that was not asked is taken to
    refuse where CONSENT_REQUIRED.
    """
    allowed = (
        f"e.restriction IS NULL AND {BY_PEOPLE} AND account.allows_personalisation IS NOT FALSE"
        " AND device.personalisation IS NOT FALSE"
    )
    if not settings.CONSENT_REQUIRED:
        return f"({allowed})"
    asked = (
        "(e.customer_id IS NOT NULL OR claim.customer_id IS NOT NULL OR EXISTS ("
        "SELECT FROM customers_visitor AS one"
        " WHERE one.id = e.visitor_id AND one.personalisation))"
    )
    return f"({allowed} AND {asked})"


def since_of(whose: str, who: str, *since: str) -> str:
    """SQL: the events `e` whose column `whose` is `who` and which are not older than any `since`.

    It is to stand beside that equality. Moments are SQL, too; without any, nothing is asked.
    """
    if not since:
        return ""
    moments = ", ".join(f"({moment})::timestamptz" for moment in since)
    return _SINCE.format(whose=whose, who=who, since=moments)


def events_of(
    asked: str, columns: str, condition: str, *, since: str | None = None, of_many: bool = False
) -> str:
    """Parts of a WITH clause, the last of which, `mine`, has the events of the shoppers `asked`.

    `asked` is a query of (position, customer_id, visitor_id), one of the latter two null: a
    visitor stands for what is nobody's. `columns` and `condition` are SQL about the event `e`;
    `mine` has the columns after `position`. Of shoppers who refuse a profile there is nothing.
    `since`: the moment, as SQL, from which on events are asked for; not a part of `condition`,
    which would let the planner read all that happened since.
    `of_many`: so many are asked for that reading the whole log may be the best way.
    """
    unasked = "one.personalisation" if settings.CONSENT_REQUIRED else "true"
    moments = [] if since is None else [since]
    return _EVENTS_OF.format(
        asked=asked, columns=columns, condition=condition, learnt_from=_LEARNT_FROM,
        since_of_account=since_of("customer_id", "account.id", *moments),
        since_of_device=since_of("visitor_id", "device.visitor_id", "device.since", *moments),
        consented=unasked, fence="" if of_many else _FENCE,
    )  # fmt: skip
