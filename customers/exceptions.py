"""What identity refuses."""


class CustomersError(Exception):
    """Base of this app's errors."""


class ErasedError(CustomersError):
    """This shopper was erased; nothing is kept of them any more."""


class UnknownCustomerError(CustomersError):
    """There is no such customer."""


class MergeError(CustomersError):
    """These customers can't be merged."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
