"""Who is this? And who was erased?"""

from customers.selectors.shoppers import (
    NOBODY,
    RESOLVE_SHOPPER,
    Shopper,
    read_shopper,
    resolve_shopper,
)
from customers.selectors.tombstones import (
    Subject,
    digests_of,
    erased_among,
    find_erased,
    lost_secrets,
    refuse_erased,
)

__all__ = [
    "NOBODY",
    "RESOLVE_SHOPPER",
    "Shopper",
    "Subject",
    "digests_of",
    "erased_among",
    "find_erased",
    "lost_secrets",
    "read_shopper",
    "refuse_erased",
    "resolve_shopper",
]
