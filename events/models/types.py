"""What shoppers do."""

from django.db import models


class EventType(models.TextChoices):
    """What a shopper did. The order is that of `TYPE_CODES`: append only."""

    VIEW = "view"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    PURCHASE = "purchase"
    RETURN = "return"
    SEARCH = "search"
    IMPRESSION = "impression"
    CLICK = "click"
    NOT_INTERESTED = "not_interested"
