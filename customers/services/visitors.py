"""Create visitors."""

from customers.models import Visitor


def create_visitor() -> Visitor:
    """A new anonymous visitor."""
    return Visitor.objects.create()
