"""What a half hour of pricing costs: signals, then decisions, on a throw-away shop.

    python -m benchmarks.pricing.cycle [--products 100000] [--events 10000000] [--days 90]

The log is spread evenly over the days. Timed are the nightly fit, a first slot (every product's
signals are new), the slot after it, and rounds of decisions by steps and by the demand model; the
first round of each moves most prices, the one after it those whose signals changed. The kill switch
then takes back what was moved.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.events.shop import open_services

CATEGORIES = 200
VISITORS = 200_000

_VISITORS = """
INSERT INTO customers_visitor (id, created_at)
SELECT gen_random_uuid(), now() FROM generate_series(1, %(count)s)
"""
_PRODUCTS = """
INSERT INTO catalogue_product (public_id, title, description, image_url, popularity, published,
  attributes, created_at, updated_at, category_id)
SELECT 'product-' || n, 'Product ' || n, '', '', 0, true, '{}', now() - interval '200 days', now(),
  (%(categories)s::bigint[])[1 + n %% cardinality(%(categories)s::bigint[])]
FROM generate_series(0, %(count)s - 1) AS n
"""
_VARIANTS = """
INSERT INTO catalogue_variant (product_id, sku, attributes, list_price, cost, currency, stock,
  position)
SELECT id, public_id, '{}', 5 + id % 90, 3 + id % 50, 'USD', id % 200, 0 FROM catalogue_product
"""
_OFFERS = """
INSERT INTO catalogue_offer (variant_id, amount, currency, price_version, updated_at)
SELECT id, list_price, currency, 1, now() FROM catalogue_variant
"""
# Popular products have more: the square of an even draw.
_NUMBERED = """
CREATE TEMPORARY TABLE who AS SELECT row_number() OVER () AS n, id FROM customers_visitor;
CREATE TEMPORARY TABLE what AS SELECT row_number() OVER (ORDER BY id) AS n, id
FROM catalogue_product;
ANALYZE who; ANALYZE what
"""
_EVENTS = """
INSERT INTO events_event (type, visitor_id, product_id, quantity, event_id, occurred_at)
SELECT (ARRAY['view','view','view','view','view','view','view','view','add_to_cart','purchase'])
    [1 + floor(random() * 10)::int],
  who.id, what.id, 1, %(name)s || drawn.n,
  %(start)s + random() * (%(end)s - %(start)s)::interval
FROM (
  SELECT n, 1 + floor(random() * (SELECT count(*) FROM who))::bigint AS shopper,
    1 + floor(random() ^ 2 * (SELECT count(*) FROM what))::bigint AS product
  FROM generate_series(1, %(count)s) AS n
) AS drawn
JOIN who ON who.n = drawn.shopper JOIN what ON what.n = drawn.product
"""


def fill(products: int, events: int, days: int, end: datetime) -> None:
    """Products at list price, and a log that is rolled up."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from catalogue.models import Category  # noqa: PLC0415 - the same
    from events.services import ensure_partitions, roll_up_events  # noqa: PLC0415 - the same

    categories = [Category.objects.create(name=f"Category {n}").pk for n in range(CATEGORIES)]
    ensure_partitions((end - timedelta(days=days)).date(), end.date())
    with connection.cursor() as cursor:
        cursor.execute(_VISITORS, {"count": VISITORS})
        cursor.execute(_PRODUCTS, {"categories": categories, "count": products})
        cursor.execute(_VARIANTS)
        cursor.execute(_OFFERS)
        cursor.execute(_NUMBERED)
        for day in range(days):
            begin = end - timedelta(days=day + 1)
            add_events(f"day-{day}-", events // days, begin, begin + timedelta(days=1))
        cursor.execute("ANALYZE")
    roll_up_events()


def add_events(name: str, count: int, start: datetime, end: datetime) -> None:
    """So many events, spread over the time."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"name": name, "count": count, "start": start, "end": end})


def timed(what: str, work: Callable[[], Any]) -> None:
    """Do it, and print how long it took and what it answered."""
    began = time.perf_counter()
    answer = work()
    print(f"{what:<34} {time.perf_counter() - began:7.2f} s  {answer}", flush=True)


def add_rule(**fields: Any) -> None:
    """A rule for all products, the only one from now on."""
    from decimal import Decimal  # noqa: PLC0415 - beside what it is for

    from pricing.models import PricingRule  # noqa: PLC0415 - Django must be set up
    from pricing.services.ruling import save_rule  # noqa: PLC0415 - the same

    bounds = {"max_change_interval": Decimal("0.05"), "max_change_day": Decimal("0.1"),
              "min_list_ratio": Decimal("0.7"), "max_list_ratio": Decimal("1.3")}  # fmt: skip
    save_rule(PricingRule(name="all", currency="USD", approval="automatic", **bounds, **fields),
              "benchmark")  # fmt: skip


def main() -> None:
    """Fill, time, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=90)
    options = parser.parse_args()
    with open_services():
        from pricing.services.deciding import decide_prices  # noqa: PLC0415 - Django must be set up
        from pricing.services.fitting import fit_demand  # noqa: PLC0415 - the same
        from pricing.services.signals import SLOT, aggregate_signals, slot_of  # noqa: PLC0415
        from pricing.services.switching import kill_prices, resume_prices  # noqa: PLC0415

        slot = slot_of(datetime.now(UTC))
        timed("fill", lambda: fill(options.products, options.events, options.days, slot))
        timed("nightly fit", lambda: fit_demand(slot - SLOT).units)
        before = slot - SLOT
        timed("signals, first slot", lambda: aggregate_signals(before).changed)
        timed("signals, the same again", lambda: aggregate_signals(before).changed)
        timed("signals, next slot", lambda: aggregate_signals(slot).changed)
        steps = [{"when": [{"signal": "days_of_cover", "op": "<", "value": 5}], "change": "0.03"}]
        add_rule(decider="rules", steps=steps)
        timed("decisions by steps, first", lambda: decide_prices(slot))
        timed("decisions by steps, again", lambda: decide_prices(slot))
        add_rule(decider="model")
        timed("decisions by the model, first", lambda: decide_prices(slot))
        timed("decisions by the model, again", lambda: decide_prices(slot))
        timed("kill switch", lambda: kill_prices("benchmark"))
        resume_prices("benchmark")


if __name__ == "__main__":
    main()
