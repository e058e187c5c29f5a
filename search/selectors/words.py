"""A text's words, as they are indexed and as they are looked up: one expression for both."""

from search.algorithms.kinds import AND, BOUND, PART
from search.algorithms.query import COUNTED

# A change to what is below needs a migration that empties `text_hash` of search_productdocument:
# every product is then indexed anew, and none embedded.

# How a text is spelt before PostgreSQL's parser sees it: pattern and replacement, in this order,
# whatever the case.
_SPELLINGS = (
    # Black/Gray and 6/6s are two words, which the parser takes for a path; 1/2 stays a fraction.
    (r"(?<!\d)/|/(?!\d)|/(?=\d+[a-z])", " "),
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
    # AT&T is found as att: its parts are stop words.
    (r"\m([a-z]{1,3})&([a-z]{1,3})\M", r"\1&\2 \1\2"),
    # The parser takes the 8 of Pixel-8 for minus 8.
    (r"-(?=\d)", " "),
)


def without_accents(text: str) -> str:
    """The SQL expression of the text `text` (an SQL expression) without accents: sauté as saute."""
    return rf"regexp_replace(normalize({text}, NFD), '[\u0300-\u036F]', '', 'g')"


def words_of(text: str) -> str:
    """The SQL expression of the text `text` (an SQL expression) spelt for the parser."""
    text = without_accents(text)
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


# A number or letter that tells one of a line of products from the others: 8, 6s, s9.
_DESIGNATOR = r"(?:\d{1,2}[a-z]?|[a-z]\d{1,2})"
_LINE = (
    rf"\m([[:alpha:]]{{2,}})[®™]?[\s-]+"
    rf"({_DESIGNATOR}\M(?:\s*(?:[/,&]|and|or)\s*{_DESIGNATOR}\M)*)"
)
_NAMED = r"\m([[:alpha:]]{2,})\M"
_PURPOSE, _DASH = r"[\s(](?:for|fits|compatible with)\s", r"\s[-\u2013\u2014]\s"


def models_of(text: str) -> str:
    """The SQL expression of the model names in `text`, each as one word: iphone8, galaxys9.

    `iPhone 6/6s` and `iPhone 6 and 6s` are two of them. NULL where there are none.
    """
    return f"""(
      SELECT string_agg(line[1] || member[1], ' ')
      FROM regexp_matches({text}, '{_LINE}', 'gi') AS line,
        regexp_matches(line[2], '{_DESIGNATOR}', 'gi') AS member
    )"""  # noqa: S608 - constants


# Of what there are how many: 4-Person, 12 cups.
_COUNT = rf"\m(\d{{1,2}})[\s-]+({COUNTED})s?\M"


def counts_of(text: str) -> str:
    """The SQL expression of what `text` counts, each as one word: 4person, 12cup; NULL for none."""
    return f"""(
      SELECT string_agg(counted[1] || counted[2], ' ')
      FROM regexp_matches({text}, '{_COUNT}', 'gi') AS counted
    )"""  # noqa: S608 - constants


def title_of(text: str) -> str:
    """The SQL expression of the tsvector of a product's title, model names added, all at A.

    But what follows a `for`, up to the next dash, is at B: it tells what a case is for, not what it
    is, and a search for a phone is not one for its cases.
    """
    return f"""(
      SELECT {_weighed("left(title, start - 1)", "A")}
        || {_weighed("substr(title, start, stop - start)", "B")}
        || {_weighed("substr(title, stop)", "A")}
        || setweight(to_tsvector('english', coalesce({counts_of("title")}, '')), 'B')
      FROM (
        SELECT title, start,
          coalesce(nullif(regexp_instr(title, '{_DASH}', start), 0), length(title) + 1) AS stop
        FROM (
          SELECT title, coalesce(
            nullif(regexp_instr(title, '{_PURPOSE}', 1, 1, 0, 'i'), 0), length(title) + 1
          ) AS start
          FROM (SELECT {without_accents(text)} AS title) AS bare
        ) AS begun
      ) AS parted
    )"""  # noqa: S608 - constants


def kinds_of(title: str, brand: str, category: str) -> str:
    """The SQL expression of what a product is, an array of lexemes; NULL where nothing tells.

    As the first part of its title says that is more than the brand, and the name of its category.
    """
    return f"""(
      SELECT array_agg(DISTINCT kind)
      FROM (
        (
          SELECT part
          FROM regexp_split_to_table({title}, '{PART}') WITH ORDINALITY AS parts (part, n)
          WHERE lower(btrim(part)) <> lower(coalesce({brand}, '')) AND part ~ '{_NAMED}'
          ORDER BY n LIMIT 1
        )
        UNION ALL SELECT {category}
      ) AS named (name),
        regexp_split_to_table(regexp_replace(name, '{BOUND}.*', '', 'i'), '{AND}', 'i') AS thing,
        unnest(tsvector_to_array(
          to_tsvector('english', {without_accents(f"(regexp_match(thing, '.*{_NAMED}'))[1]")})
        )) AS kind
    )"""  # noqa: S608 - constants


def _weighed(text: str, weight: str) -> str:
    models = f"to_tsvector('english', coalesce({models_of(text)}, ''))"
    return f"setweight({vector_of(text)} || {models}, '{weight}')"
