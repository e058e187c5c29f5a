"""What the sample shop is written from: one TOML file of words for each department.

A phrase that starts with `[Word|Other]` fits only the nouns that contain one of these words.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FILES = (
    "outdoor", "sport", "clothing", "shoes", "electronics", "kitchen",
    "home", "kids", "beauty", "garden", "pets", "office",
)  # fmt: skip
STYLES = ("premium", "eco", "minimal", "rugged", "playful", "classic", "tech", "cosy")
SIZES = {
    "clothing": ("XS", "S", "M", "L", "XL"),
    "shoes": ("37", "38", "39", "40", "41", "42", "43", "44"),
    "baby": ("0-3 months", "3-6 months", "6-12 months"),
    "bed": ("Single", "Double", "King"),
    "rug": ("60 x 90 cm", "80 x 150 cm", "160 x 230 cm"),
    "dog": ("S", "M", "L"),
}
PRICED_BY_SIZE = frozenset({"bed", "rug", "dog"})


@dataclass(frozen=True)
class Phrase:
    """A piece of text, and the nouns that it fits (all, when `only` is empty)."""

    text: str
    only: tuple[str, ...] = ()

    def fits(self, noun: str) -> bool:
        """Whether the phrase makes sense beside `noun`."""
        return not self.only or any(word in noun for word in self.only)


@dataclass(frozen=True)
class Brand:
    """An invented maker: `level` multiplies prices, `styles` are where its tastes lie."""

    name: str
    level: float
    styles: tuple[str, ...]
    series: tuple[str, ...]
    line: str
    makes: tuple[str, ...] = ()

    def works_in(self, path: tuple[str, ...]) -> bool:
        """Whether the brand makes things of the category at `path` (all, when `makes` is empty)."""
        branch = " > ".join((*path[1:], ""))
        return not self.makes or any(word in branch for word in self.makes)


@dataclass(frozen=True)
class Kind:
    """A kind of product: interchangeable nouns and everything that can be said of them.

    `one_of` are traits that exclude each other; `colours` how many there may be at most.
    """

    nouns: tuple[str, ...]
    price: tuple[float, float]
    uses: tuple[Phrase, ...]
    materials: tuple[Phrase, ...]
    traits: dict[str, Phrase]
    openers: tuple[str, ...]
    closers: tuple[Phrase, ...]
    specs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: str = ""
    colours: int = 0
    audiences: tuple[str, ...] = ("",)
    one_of: tuple[str, ...] = ()
    consumable: bool = False


@dataclass(frozen=True)
class Category:
    """A leaf of the tree; `path` starts with the department."""

    path: tuple[str, ...]
    elasticity: float
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Department:
    """A top of the tree, with its brands and colours."""

    name: str
    palette: tuple[str, ...]
    related: tuple[str, ...]
    brands: tuple[Brand, ...]
    categories: tuple[Category, ...]


@cache
def load_departments() -> tuple[Department, ...]:
    """Every department, in a fixed order."""
    folder = Path(__file__).parent
    return tuple(
        _department(tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8")))
        for name in FILES
    )


def _department(content: dict[str, Any]) -> Department:
    shared = {name: content[name] for name in ("openers", "closers")}
    return Department(
        name=content["name"],
        palette=tuple(content["palette"]),
        related=tuple(content["related"]),
        brands=tuple(_brand(brand) for brand in content["brands"]),
        categories=tuple(
            Category(
                path=(content["name"], *category["path"]),
                elasticity=category["elasticity"],
                kinds=tuple(_kind(shared | kind) for kind in category["kinds"]),
            )
            for category in content["categories"]
        ),
    )


def _brand(content: dict[str, Any]) -> Brand:
    return Brand(
        name=content["name"],
        level=content["level"],
        styles=tuple(content["styles"]),
        series=tuple(content["series"]),
        line=content["line"],
        makes=tuple(content.get("makes", ())),
    )


def _kind(content: dict[str, Any]) -> Kind:
    known = dict(content)
    low, high = known.pop("price")
    return Kind(
        nouns=tuple(known.pop("nouns")),
        price=(low, high),
        uses=_phrases(known.pop("for")),
        materials=_phrases(known.pop("of", [])),
        traits={name: _phrase(text) for name, text in known.pop("traits").items()},
        openers=tuple(known.pop("openers")),
        closers=_phrases(known.pop("closers")),
        specs={name: tuple(values) for name, values in known.pop("specs", {}).items()},
        one_of=tuple(known.pop("one_of", ())),
        audiences=tuple(known.pop("audiences", [""])),
        **known,
    )


def _phrases(texts: list[str]) -> tuple[Phrase, ...]:
    return tuple(_phrase(text) for text in texts)


def _phrase(text: str) -> Phrase:
    if not text.startswith("["):
        return Phrase(text)
    words, rest = text[1:].split("] ", 1)
    return Phrase(rest, tuple(words.split("|")))
