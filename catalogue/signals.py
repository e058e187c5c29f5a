"""Domain signals of the catalogue, sent after commit."""

from django.dispatch import Signal

# product_ids: list[int], those whose text, category, brand or publication may have changed
products_changed = Signal()
