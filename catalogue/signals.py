"""Domain signals of the catalogue, sent after commit."""

from collections.abc import Sequence

from django.db import transaction
from django.dispatch import Signal

# product_ids: list[int], those whose text, category, brand or publication may have changed
products_changed = Signal()


def announce_on_commit(product_ids: Sequence[int]) -> None:
    """Send one `products_changed` for `product_ids` once the transaction is committed.

    A receiver that fails is logged: what was saved stays saved.
    """

    def send() -> None:
        products_changed.send(sender=None, product_ids=list(product_ids))

    if product_ids:
        transaction.on_commit(send, robust=True)
