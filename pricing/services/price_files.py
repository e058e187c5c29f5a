"""Import the prices that were charged before this shop's own record began."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from pricing.algorithms.price_lines import PriceLine, PriceLineError, parse_price_line
from pricing.exceptions import PriceFileError

_STAGE = """
DROP TABLE IF EXISTS pg_temp.recorded_price;
CREATE TEMPORARY TABLE recorded_price (
  line integer, sku text, amount numeric(14, 4), currency text, begins timestamptz,
  ends timestamptz, list_price numeric(14, 4), variant_id bigint, cost numeric(14, 4)
) ON COMMIT DROP
"""
_COPY = "COPY recorded_price (line, sku, amount, currency, begins, ends, list_price) FROM STDIN"

# Until the shop's own record began, where the line names no end.
_RESOLVE = """
UPDATE recorded_price AS r SET variant_id = v.id, cost = v.cost, ends = coalesce(r.ends, (
  SELECT min(lower(h.period)) FROM pricing_pricehistory AS h
  WHERE h.variant_id = v.id AND h.basis <> 'imported'
))
FROM catalogue_variant AS v WHERE v.sku = r.sku
"""

_PROBLEM = """
SELECT line, problem FROM (
  SELECT r.line, CASE
    WHEN r.variant_id IS NULL THEN 'sku: there is no such variant'
    WHEN r.ends IS NULL THEN 'until: this variant has no record of its own yet, so name an end'
    WHEN r.ends <= r.begins THEN 'from: by then this shop recorded prices itself'
    WHEN r.ends > clock_timestamp() THEN 'until: a recorded price must be over'
    WHEN EXISTS (
      SELECT FROM pricing_pricehistory AS h WHERE h.variant_id = r.variant_id
        AND h.basis <> 'imported' AND lower(h.period) < r.ends
    ) THEN 'until: by then this shop recorded prices itself'
    WHEN lag(r.ends) OVER (PARTITION BY r.variant_id ORDER BY r.begins, r.line) > r.begins
      THEN 'from: the line overlaps another of this variant'
    WHEN EXISTS (
      SELECT FROM pricing_pricehistory AS h WHERE h.variant_id = r.variant_id
        AND h.basis = 'imported' AND h.period && tstzrange(r.begins, r.ends)
        AND (h.period, h.amount, h.currency)
          IS DISTINCT FROM (tstzrange(r.begins, r.ends), r.amount, r.currency::varchar)
    ) THEN 'from: another price is on record for that time'
  END AS problem
  FROM recorded_price AS r
) AS judged
WHERE problem IS NOT NULL ORDER BY line LIMIT 1
"""

_INSERT = """
INSERT INTO pricing_pricehistory
  (variant_id, sku, period, amount, currency, list_price, cost, basis, cause, decided_by)
SELECT r.variant_id, r.sku, tstzrange(r.begins, r.ends), r.amount, r.currency,
  coalesce(r.list_price, r.amount), r.cost, 'imported', 'imported', 'import_prices'
FROM recorded_price AS r
WHERE NOT EXISTS (
  SELECT FROM pricing_pricehistory AS h
  WHERE h.variant_id = r.variant_id AND h.period = tstzrange(r.begins, r.ends)
)
ORDER BY r.variant_id, r.begins
"""


@dataclass(frozen=True, slots=True)
class ImportedPrices:
    """How many lines were read, and how many of them were new."""

    read: int
    stored: int


def import_prices(lines: Iterable[tuple[int, bytes]]) -> ImportedPrices:
    """Record the prices of `lines` (number, JSON); all of them or, where one is wrong, none.

    The same lines again change nothing. Raises PriceFileError, naming the line and the field.
    """
    read = [_parse(number, line) for number, line in lines]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STAGE)
            with cursor.copy(_COPY) as copy:
                for one in read:
                    copy.write_row(
                        (one.number, one.sku, one.price, one.currency, one.begin, one.until,
                         one.list_price)
                    )  # fmt: skip
            cursor.execute(_RESOLVE)
            cursor.execute("ANALYZE recorded_price")
            cursor.execute(_PROBLEM)
            problem = cursor.fetchone()
            if problem:
                raise PriceFileError(f"line {problem[0]}: {problem[1]}.")
            cursor.execute(_INSERT)
            return ImportedPrices(len(read), cursor.rowcount)
    except IntegrityError as error:
        raise PriceFileError(str(error).splitlines()[0]) from None


def _parse(number: int, line: bytes) -> PriceLine:
    try:
        return parse_price_line(number, line)
    except PriceLineError as error:
        raise PriceFileError(f"line {number}: {error}.") from None
