"""Tell programs by what they say they are."""

import re
from functools import lru_cache

# Crawlers and monitors say so by one of these words; libraries by their own name; and browsers that
# are driven by programs by "Headless". A word boundary spares names such as Cubot, a phone.
_DECLARED = re.compile(
    r"""
    (?<![a-z])bot(?![a-z]) | [a-z]+bot[/;)\s] (?<!cubot[/;)\s]) | crawl | spider | slurp | headless
    | lighthouse | pingdom | uptime | phantomjs | selenium | puppeteer | playwright | webdriver
    | facebookexternalhit | mediapartners-google | google-read-aloud | bingpreview | embedly
    | ^(?:curl|wget|python|go-http-client|java|okhttp|libwww|httpx?|axios|node|ruby|perl|php)\b
    """,
    re.VERBOSE,
)


@lru_cache(4096)
def is_declared_bot(user_agent: str) -> bool:
    """Whether `user_agent` says that it is no person's browser; an empty one says nothing."""
    return bool(_DECLARED.search(user_agent.lower()))
