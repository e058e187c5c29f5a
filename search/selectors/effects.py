"""What a rule did to a product, read back from its row in a ranked list."""

from collections.abc import Iterable

from search.algorithms.fusion import Candidate
from search.algorithms.rules import Effect, Kind, Rule


def effect_of(candidate: Candidate, rules: Iterable[Rule]) -> Effect | None:
    """The rule that moved `candidate`, and how; None where none did.

    The name is empty where the rule is not among `rules` any more.
    """
    if not candidate.rule:
        return None
    names = {rule.id: rule.name for rule in rules}
    kind: Kind = "pin" if not candidate.moved else "boost" if candidate.moved > 0 else "bury"
    return Effect(candidate.rule, names.get(candidate.rule, ""), kind, candidate.moved)
