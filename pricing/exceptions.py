"""What can go wrong with prices."""


class PricingError(Exception):
    """Prices could not be worked with."""


class UnreadablePanelError(PricingError):
    """The panel can't be read; the message names the line and the field that is wrong."""


class PriceFileError(PricingError):
    """The file of past prices can't be imported; the message names the line and the field."""


class RuleError(PricingError):
    """The rule can't be kept; the message names the field that is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class QuoteError(PricingError):
    """The quote can't be redeemed. `code` is forged_quote or expired_quote."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
