"""Tell programs by what they say they are."""

import re
from functools import lru_cache

# Crawlers and monitors say so by one of these words, and browsers that are driven by programs by
# "Headless". A word boundary spares names such as Cubot, a phone. Libraries are no bots: an app
# speaks through okhttp or Dart, a rendering server through node. What they do too often shows by
# its rate.
_DECLARED = re.compile(
    r"""
    (?<![a-z])bot(?![a-z]) | [a-z]+bot[/;)\s] (?<!cubot[/;)\s]) | crawl | spider | slurp | headless
    | lighthouse | pingdom | uptime | phantomjs | selenium | puppeteer | playwright | webdriver
    | facebookexternalhit | mediapartners-google | google-read-aloud | bingpreview | embedly
    """,
    re.VERBOSE,
)


@lru_cache(4096)
def is_declared_bot(user_agent: str) -> bool:
    """Whether `user_agent` says that it is no person's browser; an empty one says nothing."""
    return bool(_DECLARED.search(user_agent.lower()))
