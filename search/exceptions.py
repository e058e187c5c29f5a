"""What can go wrong in search."""


class SearchError(Exception):
    """Search could not do what was asked."""


class InvalidCursorError(SearchError):
    """This cursor was not issued here."""


class ForeignCursorError(InvalidCursorError):
    """This cursor belongs to another search; send it with the parameters that it came with."""


class EvaluationInputError(SearchError):
    """The judgments or products can't be read."""


class ModelSourceError(SearchError):
    """The model can't be had, or does not fit the index."""
