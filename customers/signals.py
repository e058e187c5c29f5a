"""Domain signals of identity, sent after commit."""

from django.dispatch import Signal

# visitor_id: UUID, customer_id: int
visitor_identified = Signal()

# An erasure that takes a worker. erasure_id: UUID
erasure_begun = Signal()
