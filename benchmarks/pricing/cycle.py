"""What a half hour of pricing costs: signals, then decisions, on a throw-away shop.

    python -m benchmarks.pricing.cycle [--products 100000] [--events 10000000] [--days 90]
        [--home FOLDER]

The log is spread evenly over the days. Timed are the nightly fit, a first slot (every product's
signals are new), and whole cycles (signals, then decisions) after half hours in which 1, 10 and
100 % of the products had events; by steps, and then by the demand model, whose first round moves
most prices. The kill switch takes back what was moved. Each line tells seconds by the clock, and
processor seconds of this process and of the database, all its processes together.

With --home the filled shop is kept in that folder, and a second call only measures.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
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


# The first products of a random order: one shopper, who looks and buys.
_SHARE = """
INSERT INTO events_event (type, visitor_id, product_id, quantity, event_id, occurred_at)
SELECT type, (SELECT id FROM customers_visitor LIMIT 1), id, 1, %(name)s || type || id,
  %(end)s - interval '10 minutes'
FROM (
  SELECT id FROM catalogue_product ORDER BY hashint8(id) LIMIT %(count)s
) AS chosen CROSS JOIN (VALUES ('view'), ('purchase')) AS did (type)
"""
SHARES = (0.0, 0.01, 0.1, 1.0)


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
        cursor.execute("ANALYZE events_dailyactivity")


def add_events(name: str, count: int, start: datetime, end: datetime) -> None:
    """So many events, spread over the time."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, {"name": name, "count": count, "start": start, "end": end})


def add_share(name: str, share: float, end: datetime) -> None:
    """Two events of each of a share of the products, in the half hour before `end`."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from catalogue.models import Product  # noqa: PLC0415 - the same

    count = round(Product.objects.count() * share)
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, {"name": name, "count": count, "end": end})


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of the processor: this process's and the database's."""

    clock: float
    process: float
    database: float

    @classmethod
    def now(cls) -> "Spent":
        """Since some beginning; the database is on this machine, as the benchmark started it."""
        from django.db import connection  # noqa: PLC0415 - Django must be set up

        connection.ensure_connection()
        processes = dict(_processes())
        server = processes[connection.connection.info.backend_pid][0]
        # Of the server also what its sessions that are over by now had spent.
        ticks = processes[server][1] + processes[server][2]
        ticks += sum(spent for parent, spent, _ in processes.values() if parent == server)
        return cls(time.perf_counter(), time.process_time(), ticks / os.sysconf("SC_CLK_TCK"))

    def __str__(self) -> str:
        return f"{self.clock:7.2f} s ({self.process:5.2f} + {self.database:5.2f})"


def _processes() -> Iterator[tuple[int, tuple[int, int, int]]]:
    """All of this machine by id: parent, ticks spent, and ticks spent by children that ended."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = [int(field) for field in stat.read_text().rpartition(")")[2].split()[1:15]]
            yield int(stat.parent.name), (fields[0], sum(fields[10:12]), sum(fields[12:14]))


def timed(what: str, work: Callable[[], Any]) -> None:
    """Do it, and print how long it took and what it answered."""
    began = Spent.now()
    answer = work()
    ended = Spent.now()
    spent = Spent(
        ended.clock - began.clock, ended.process - began.process, ended.database - began.database
    )
    print(f"{what:<34} {spent}  {answer}", flush=True)


def add_rule(**fields: Any) -> None:
    """A rule for all products, the only one from now on."""
    from decimal import Decimal  # noqa: PLC0415 - beside what it is for

    from pricing.models import PricingRule  # noqa: PLC0415 - Django must be set up
    from pricing.services.ruling import save_rule  # noqa: PLC0415 - the same

    bounds = {"max_change_interval": Decimal("0.05"), "max_change_day": Decimal("0.1"),
              "min_list_ratio": Decimal("0.7"), "max_list_ratio": Decimal("1.3")}  # fmt: skip
    save_rule(PricingRule(name="all", currency="USD", approval="automatic", **bounds, **fields),
              "benchmark")  # fmt: skip


def cycle(slot: datetime) -> str:
    """Signals, then decisions; how many signals changed, prices were looked at, and moved."""
    from pricing.services.deciding import decide_prices  # noqa: PLC0415 - Django must be set up
    from pricing.services.signals import aggregate_signals  # noqa: PLC0415 - the same

    changed = aggregate_signals(slot).changed
    done = decide_prices(slot)
    return (
        f"{changed} signals, {done['settled']} settled, {done['considered']} looked at,"
        f" {done['wanted']} wanted, {done['applied']} moved"
    )


def measure(slot: datetime) -> None:
    """Everything that the first lines of this module tell of, the last slot being `slot`."""
    from pricing.services.fitting import fit_demand  # noqa: PLC0415 - Django must be set up
    from pricing.services.signals import SLOT, aggregate_signals  # noqa: PLC0415 - the same
    from pricing.services.switching import kill_prices, resume_prices  # noqa: PLC0415 - the same

    timed("nightly fit", lambda: fit_demand(slot).units)
    timed("signals, first slot", lambda: aggregate_signals(slot).changed)
    timed("signals, the same again", lambda: aggregate_signals(slot).changed)
    step = {"when": [{"signal": "demand_ratio", "op": ">", "value": 2}], "change": "0.03"}
    add_rule(decider="rules", steps=[step])
    timed("steps: a whole cycle", lambda: cycle(slot))
    for number, share in enumerate(SHARES, 1):
        end = slot + number * SLOT
        add_share(f"{end:%d-%H-%M}-", share, end)
        timed(f"steps: after events of {share:4.0%}", partial(cycle, end))
    add_rule(decider="model")
    timed("model: most prices move", lambda: cycle(end))
    timed("model: again", lambda: cycle(end))
    timed("kill switch", lambda: kill_prices("benchmark"))
    resume_prices("benchmark")


def forget(end: datetime) -> None:
    """Take back what an earlier call measured: events after `end`, signals, prices that moved."""
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from pricing.services.switching import kill_prices, resume_prices  # noqa: PLC0415 - the same

    kill_prices("benchmark")
    resume_prices("benchmark")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_event WHERE occurred_at >= %s", [end])
        cursor.execute("TRUNCATE pricing_demandsignal, pricing_lastround, pricing_dueproduct")


def prepare(options: argparse.Namespace) -> datetime:
    """Fill the shop, or take one that was kept; when its log ends."""
    from pricing.services.signals import SLOT, slot_of  # noqa: PLC0415 - Django must be set up

    told = options.home / "filled" if options.home else None
    if told and told.exists():
        end = datetime.fromisoformat(told.read_text())
        forget(end)
        return end
    end = slot_of(datetime.now(UTC)) - len(SHARES) * SLOT
    timed("fill", lambda: fill(options.products, options.events, options.days, end))
    if told:
        told.write_text(end.isoformat())
    return end


def main() -> None:
    """Fill, time, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--home", type=Path, help="Where the filled shop is kept.")
    options = parser.parse_args()
    with open_services(options.home):
        measure(prepare(options))


if __name__ == "__main__":
    main()
