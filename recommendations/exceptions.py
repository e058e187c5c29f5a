"""What can go wrong with recommendations."""


class RecommendationsError(Exception):
    """Recommendations could not be made."""


class UnreadableInteractionsError(RecommendationsError):
    """The file of interactions can't be read; the message names the line and what is wrong."""


class EmptyWindowError(RecommendationsError):
    """The training window holds too little to learn from; what was live stays live."""


class RunRefusedError(RecommendationsError):
    """The gate refused what was trained; what was live stays live. The message is the reason."""


class TrainingInProgressError(RecommendationsError):
    """Another training is running; one at a time is enough."""


class UnknownRunError(RecommendationsError):
    """This training run does not exist, failed, or was pruned, so it can't go live."""


class StandardPlacementError(RecommendationsError):
    """A standard placement can't be deleted: front ends name it."""
