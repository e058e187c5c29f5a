"""A text's words, as they are indexed and as they are looked up: one expression for both."""

# Raising it indexes every product anew: for changes to what is below.
WORDS_VERSION = "1"

# How a text is spelt before PostgreSQL's parser sees it: pattern and replacement, in this order,
# whatever the case.
_SPELLINGS = (
    # 65", 65 inches and 65-inch are one word; a bare "in" only where it touches the number.
    (r"""(\d)\s*(?:''''|["″”]|-?\s?inch(?:es)?\M|in\M)""", r"\1inch "),
    # So are 16 GB and 16GB, 1 TB and 1-tb: apart, any 16 of another unit would do as well.
    (
        r"(\d)[\s-]?(gb|tb|mb|kb|mah|mp|ghz|mhz|hz|watts?|oz|lbs?|kg|ml|mm|cm|ft|qt)\M",
        r"\1\2",
    ),
    # usb-c is found as usbc, t-shirt as tshirt, wi-fi as wifi; the parts stay.
    (r"\m([a-z]{1,3})-([a-z]{1,12})\M", r"\1-\2 \1\2"),
    (r"\m([a-z]{4,12})-([a-z0-9]{1,2})\M", r"\1-\2 \1\2"),
)


def words_of(text: str) -> str:
    """The SQL expression of the text `text` (an SQL expression) spelt for the parser."""
    for pattern, replacement in _SPELLINGS:
        text = f"regexp_replace({text}, '{pattern}', '{replacement}', 'gi')"
    return text


def vector_of(text: str) -> str:
    """The SQL expression of the tsvector of `text`, an SQL expression."""
    return f"to_tsvector('english', {words_of(text)})"


def given(name: str, kind: str) -> str:
    """The SQL expression of the parameter `name`, an array of `kind`, of any length.

    Where PostgreSQL sees the length it takes the plan for this very array to be better than that
    for any, and plans each search anew.
    """
    return f"(SELECT %({name})s::{kind}[])::{kind}[]"
