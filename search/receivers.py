"""When products change, their documents and embeddings are due."""

from typing import Any

from django.dispatch import receiver

from api.background import nudge
from catalogue.signals import products_changed
from search.tasks import (
    refresh_few_products,
    refresh_index,
    refresh_product,
    refresh_products,
)

# Beyond this a message would be long, and comparing every product's hash is quicker.
_MANY = 1_000
# So many are done within seconds, also while a training occupies the other queue.
_FEW = 200


@receiver(products_changed)
def refresh_changed_products(product_ids: list[int], **_: Any) -> None:
    """Enqueue one task for `product_ids`."""
    if len(product_ids) == 1:
        nudge(refresh_product, product_ids[0])
    elif len(product_ids) <= _FEW:
        nudge(refresh_few_products, product_ids)
    elif len(product_ids) <= _MANY:
        nudge(refresh_products, product_ids)
    else:
        nudge(refresh_index)
