"""What can go wrong with prices."""


class PricingError(Exception):
    """Prices could not be worked with."""


class UnreadablePanelError(PricingError):
    """The panel can't be read; the message names the line and the field that is wrong."""
