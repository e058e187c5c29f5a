"""Events to measure with: views of a shop's products by its visitors."""

import random
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

PRODUCTS = 5_000
VISITORS = 20_000


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562, 5.7): milliseconds, then random bits. The standard library has none."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)


def make_events(
    count: int, *, ordered: bool = True, at: datetime | None = None
) -> list[dict[str, Any]]:
    """`count` views of the second before `at`, or before now, that nobody sent before.

    Their ids are UUIDv7, or random where not `ordered`.
    """
    at = at or datetime.now(UTC)
    make_id = uuid7 if ordered else uuid4
    return [
        {
            "event_id": str(make_id()),
            "type": "view",
            "product_id": f"product-{random.randrange(PRODUCTS)}",
            "visitor_id": str(UUID(int=random.randrange(VISITORS))),
            "session_id": f"session-{random.randrange(VISITORS)}",
            "request_id": str(uuid4()),
            "occurred_at": (at - timedelta(seconds=random.random())).isoformat(),
        }
        for _ in range(count)
    ]
