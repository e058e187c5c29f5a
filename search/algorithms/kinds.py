"""What a name names: of `Phone case for iPhone` the case, of `phones with plans` the phones."""

import re

# The patterns are read by Python and by PostgreSQL alike. A name ends where what follows only tells
# more of it; beside an `and` stand two names. Of each the last word is what it names, if it is of
# letters alone.
BOUND = r"\s(?:for|fits|compatible with|with|without|by|in|of|to|from)\s"
AND = r"\s(?:and|or|&|\+)\s|/"
PART = r"\s[-\u2013\u2014|]+\s|[][,;:()]"

_BOUND = re.compile(BOUND, re.IGNORECASE)
_LAST = re.compile(r".*(?<!\w)(?P<named>[^\W\d_]{2,})(?!\w)")


def find_kinds(words: str) -> list[str]:
    """What a query asks for, as it was typed; also together with the word before it.

    So `head phone` asks for a headphone, too. Empty where no word is of letters alone.
    """
    name = _BOUND.split(words)[0]
    match = _LAST.match(name) or _LAST.match(words)
    if not match:
        return []
    named = match["named"]
    before = match.string[: match.start("named")].split()
    return [named, before[-1] + named] if before and before[-1].isalpha() else [named]
