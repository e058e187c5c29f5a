"""What windowed reads of the log share: who did it, and hours and days in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from events.selectors.attribution import ATTRIBUTED, BY_PEOPLE, CUSTOMER, VISITOR

Bucket = Literal["hour", "day"]
STEPS: dict[str, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)

# Who did it, a customer or else a visitor; and what people did, not bots.
SHOPPER = f"{CUSTOMER} AS customer_id, {VISITOR} AS visitor_id"
SHOPPERS_EVENTS = f"FROM events_event AS e {ATTRIBUTED}"
IS_COUNTED = BY_PEOPLE


def bucket_start(by: Bucket) -> str:
    """SQL of the hour or day, in UTC, in which `e.occurred_at` falls."""
    if by not in {"hour", "day"}:
        raise ValueError(f"count by hour or day, not by {by}")
    return f"date_trunc('{by}', e.occurred_at, 'UTC')"


def check_window(start: datetime, end: datetime) -> None:
    """Raise ValueError unless `start` is before `end` and both name their zone."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a window's bounds name their zone")
    if not start < end:
        raise ValueError("a window ends after it begins")


def begin_of(moment: datetime, by: Bucket) -> datetime:
    """When the hour or day of `moment` began."""
    return moment - (moment - _MIDNIGHT) % STEPS[by]


def end_of(moment: datetime, by: Bucket) -> datetime:
    """When the hour or day ends in which the moments before `moment` are."""
    return moment + (_MIDNIGHT - moment) % STEPS[by]


def buckets_of(start: datetime, end: datetime, by: Bucket) -> list[datetime]:
    """When each of the hours or days from `start` to before `end` begins; both begin one."""
    return [start + number * STEPS[by] for number in range((end - start) // STEPS[by])]
