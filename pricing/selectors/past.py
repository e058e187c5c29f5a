"""Past prices, as pages show them."""

from typing import Any

from django.db.models import DateTimeField, F, Func

from pricing.models import PriceHistory


def past_prices(product_id: str) -> Any:
    """Rows of the history of a product's variants, newest first, each with `begins`."""
    begins = Func(F("period"), function="lower", output_field=DateTimeField())
    rows = PriceHistory.objects.filter(variant__product__public_id=product_id)
    return rows.select_related("rule", "proposal").annotate(begins=begins)
