"""What can go wrong with recommendations."""


class RecommendationsError(Exception):
    """Recommendations could not be made."""


class UnreadableInteractionsError(RecommendationsError):
    """The file of interactions can't be read; the message names the line and what is wrong."""


class EmptyWindowError(RecommendationsError):
    """The training window holds too little to learn from; what was live stays live."""


class TrainingInProgressError(RecommendationsError):
    """Another training is running; one at a time is enough."""


class UnknownRunError(RecommendationsError):
    """This training run does not exist, failed, or was pruned, so it can't go live."""
