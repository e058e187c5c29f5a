"""Domain signals of behaviour."""

from django.dispatch import Signal

# Sent after commit for shoppers whose recommendations are due, each of whom also has a
# RefreshRequest. customer_ids: list[int], visitor_ids: list[UUID] (those linked to no customer)
interactions_recorded = Signal()

# For server-side code to send when a shopper was shown a product page.
# product_id: str, visitor_id: UUID | None, customer_id: str | None; the merchant's own ids
product_viewed = Signal()
