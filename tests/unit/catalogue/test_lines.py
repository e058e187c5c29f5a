"""Lines of a product import: what they mean, and how wrong ones are named."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalogue.algorithms.lines import parse_line
from catalogue.algorithms.values import FieldError

SCHEMA_FILE = Path(__file__).parents[3] / "docs/schemas/product-line.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(), parse_float=Decimal)


def is_number(_, value):
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def is_integer(_, value):
    return is_number(_, value) and abs(value) < 10**12 and value == int(value)


def matches(_, pattern, instance, __):
    """ECMA 262's `$`, which is meant: the very end, not before a last line break."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


VALIDATOR = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    {"pattern": matches},
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"number": is_number, "integer": is_integer}
    ),
)(SCHEMA)

VARIANT = {"sku": "s", "list_price": "1", "currency": "USD"}


def parse(**line):
    return parse_line(1, json.dumps({"id": "p"} | line).encode())


def test_a_full_line():
    line = parse(
        title="Shirt\n\x00", description="a\tb\x85c", brand=" Acme ", category_path=["Men ", "Top"],
        image_url="https://e.com/x.jpg", popularity=7, published=False,
        created_at="2025-01-31T12:00:00.5+01:00",
        attributes={"colour": ["red", "blue"], "size": 42, "weight": 1.5, "new": True, "x": None},
        variants=[VARIANT | {"cost": None, "stock": 3, "list_price": "0019.9900"}],
    )  # fmt: skip
    assert line.fields == {
        "title": "Shirt  ",
        "description": "a b c",
        "brand": "Acme",
        "category_path": ("Men", "Top"),
        "image_url": "https://e.com/x.jpg",
        "popularity": 7.0,
        "published": False,
        "created_at": datetime(2025, 1, 31, 11, 0, 0, 500_000, tzinfo=UTC),
        "attributes": {"colour": ["red", "blue"], "size": 42, "weight": 1.5, "new": True},
    }
    (variant,) = line.variants
    assert (variant.sku, variant.list_price, variant.currency) == ("s", Decimal("19.99"), "USD")
    assert variant.fields == {"cost": None, "stock": 3}


def test_absent_is_not_the_same_as_null():
    assert parse().fields == {}
    assert parse().variants is None
    cleared = parse(
        description=None, brand=None, category_path=None, image_url=None, popularity=None,
        published=None, created_at=None, attributes=None, variants=None,
    )  # fmt: skip
    assert cleared.variants == ()
    assert cleared.fields == {
        "description": "",
        "brand": None,
        "category_path": None,
        "image_url": None,
        "popularity": 0,
        "published": True,
        "attributes": {},
    }


def test_an_empty_text_is_none():
    line = parse(description="", brand="  ", image_url="", category_path=[])
    assert line.fields == {
        "description": "", "brand": None, "image_url": None, "category_path": None,
    }  # fmt: skip


@pytest.mark.parametrize("written", ['"19.99"', "19.99", "19.990000", "1999e-2"])
def test_money_is_exact_however_it_is_written(written):
    raw = f'{{"id":"p","variants":[{{"sku":"s","currency":"USD","list_price":{written}}}]}}'
    assert parse_line(1, raw.encode()).variants[0].list_price == Decimal("19.99")


LONG = "x" * 20_001


@pytest.mark.parametrize(
    ("raw", "pointer", "says"),
    [
        ("", "", "not JSON"),
        ("[]", "", "give a JSON object"),
        ("{", "", "not JSON"),
        ("\xff", "", "not UTF-8"),
        ("[" * 100_000, "", "nested too deeply"),
        ('{"id":"p","popularity":NaN}', "", "number that can't be read"),
        ('{"id":"p","popularity":' + "9" * 5000 + "}", "", "number that can't be read"),
        ('{"id":"p","popularity":1e99999999999999999999}', "", "number that can't be read"),
        ('{"id":"p","popularity":1e9999}', "/popularity", "10^15"),
        ("{}", "/id", "is missing"),
        ('{"id":7}', "/id", "give a text"),
        ('{"id":"a/b"}', "/id", "none of them '/'"),
        ('{"id":"."}', "/id", "none of them '/'"),
        ('{"id":""}', "/id", "1 to 128"),
        ('{"id":"a\\u0000"}', "/id", "control"),
        ('{"id":"p","colour/x":1}', "/colour~1x", "unknown field. Known: id, title"),
        ('{"id":"p","title":" "}', "/title", "needs a title"),
        ('{"id":"p","title":null}', "/title", "give a text"),
        ('{"id":"p","title":"\\ud800"}', "/title", "surrogate"),
        (f'{{"id":"p","description":"{LONG}"}}', "/description", "20001 characters"),
        ('{"id":"p","category_path":["a",""]}', "/category_path/1", "needs a name"),
        ('{"id":"p","category_path":"a"}', "/category_path", "give a list"),
        ('{"id":"p","image_url":"javascript:x"}', "/image_url", "https://"),
        ('{"id":"p","published":1}', "/published", "true or false"),
        ('{"id":"p","created_at":"2025-13-01T00:00:00Z"}', "/created_at", "2025-01-31"),
        ('{"id":"p","created_at":"2025-01-01"}', "/created_at", "2025-01-31"),
        ('{"id":"p","attributes":{"a/b":{}}}', "/attributes/a~1b", "list of these"),
        ('{"id":"p","attributes":{"a":1e400}}', "/attributes/a", "2^53"),
        ('{"id":"p","variants":{}}', "/variants", "give a list"),
        ('{"id":"p","variants":[{}]}', "/variants/0/sku", "is missing"),
        ('{"id":"p","variants":[{"sku":"s","list_price":"x","currency":"USD"}]}',
         "/variants/0/list_price", "19.99"),
        ('{"id":"p","variants":[{"sku":"s","list_price":-1,"currency":"USD"}]}',
         "/variants/0/list_price", "from 0"),
        ('{"id":"p","variants":[{"sku":"s","list_price":"1","currency":"usd"}]}',
         "/variants/0/currency", "ISO 4217"),
        ('{"id":"p","variants":[{"sku":"s","list_price":"1","currency":"USD","stock":1.5}]}',
         "/variants/0/stock", "whole number"),
        ('{"id":"p","variants":[{"sku":"s","list_price":"1","currency":"USD","colour":1}]}',
         "/variants/0/colour", "unknown field"),
        (f'{{"id":"p","variants":[{json.dumps(VARIANT)},{json.dumps(VARIANT)}]}}',
         "/variants/1/sku", "occurs twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(raw, pointer, says):
    with pytest.raises(FieldError) as error:
        parse_line(1, raw.encode("latin-1"))
    assert error.value.pointer == pointer
    assert says in error.value.reason


@given(st.binary(max_size=200))
@example(b'{"id": "p", "attributes": {"\xed\xa0\x80": 1}}')
def test_garbage_is_refused_and_nothing_else_happens(raw):
    with pytest.raises(FieldError):
        parse_line(1, raw)


texts = st.text(max_size=12) | st.sampled_from(
    ["", " ", "\x00", "\x85", "\u2028", ".", "..", "a/b"]
)
numbers = (
    st.integers(-(10**16), 10**16)
    | st.decimals(-20, 10**11, allow_nan=False, places=5)
    | st.decimals(0, 10**10, allow_nan=False, places=4)
)
amounts = numbers | texts | numbers.map(str) | st.from_regex(r"0{0,22}\d{1,11}(\.\d{0,6})?0{0,3}")
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.one_of(
    scalars, st.lists(scalars, max_size=3), st.dictionaries(texts, scalars, max_size=3)
)
attributes = st.dictionaries(texts, st.one_of(scalars, st.lists(scalars, max_size=2)), max_size=3)
variants = st.fixed_dictionaries(
    {"sku": texts, "list_price": amounts, "currency": st.sampled_from(["USD", "usd", "US\n"])},
    optional={"cost": amounts | st.none(), "stock": numbers | st.none(),
              "attributes": attributes | values, "x": texts},
)  # fmt: skip
lines = st.fixed_dictionaries(
    {"id": texts},
    optional={
        "title": texts | values, "description": texts | values, "brand": texts | values,
        "category_path": st.lists(texts, max_size=12) | values,
        "image_url": texts | st.sampled_from(["http://x", "https://x y", "ftp://x", "http://x\n"]),
        "popularity": numbers | values, "published": values, "attributes": attributes | values,
        "variants": st.lists(variants, max_size=2, unique_by=lambda v: v["sku"]) | values,
        "x": texts,
    },
)  # fmt: skip


def dump(line):
    """JSON with decimals written out, which the standard library does not do."""
    raw = json.dumps(line, default=lambda number: f"number {number:f}")
    return re.sub(r'"number ([-0-9.]+)"', r"\1", raw).encode()


@hypothesis_settings(max_examples=600, deadline=None)
@given(lines)
@example({"id": "p", "variants": [VARIANT | {"stock": Decimal("3.0")}]})
@example({"id": "p", "title": "\x7f\xa0"})
@example({"id": "a\n"})
def test_the_schema_and_the_code_agree(line):
    raw = dump(line)
    written = json.loads(raw, parse_float=Decimal)
    try:
        parse_line(1, raw)
        accepted = True
    except FieldError:
        accepted = False
    assert accepted == VALIDATOR.is_valid(written)
