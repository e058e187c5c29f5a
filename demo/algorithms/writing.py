"""Titles and descriptions of the sample shop's products, from a kind's vocabulary."""

import re
from dataclasses import dataclass

import numpy as np

from demo.algorithms.vocabulary import Brand, Department, Kind, Phrase

PROPER = frozenset({"French", "Oxford", "Chelsea", "Dutch", "Bluetooth", "Derby", "Wellington"})
MOST_SENTENCES = 5
SOUNDS_LIKE_A_CONSONANT = ("uku", "usb", "uni")


@dataclass(frozen=True)
class Copy:
    """What is written about one product; `traits` are the features that its text names."""

    title: str
    description: str
    noun: str
    traits: tuple[str, ...]
    material: str
    use: str
    audience: str
    specs: dict[str, str]
    colour: str


def write_copy(kind: Kind, brand: Brand, department: Department, rng: np.random.Generator) -> Copy:
    """One product's texts, drawn from `rng`."""
    noun = _pick(kind.nouns, rng)
    chosen = _choose_traits(kind, noun, rng)
    draft = Copy(
        title="",
        description="",
        noun=noun,
        traits=chosen,
        material=_pick_phrase(kind.materials, noun, rng),
        use=_pick_phrase(kind.uses, noun, rng),
        audience=_pick(kind.audiences, rng),
        specs={name: _pick(values, rng) for name, values in kind.specs.items()},
        colour=_pick(department.palette, rng),
    )
    title = _title(draft, kind, brand, rng)
    return Copy(
        **{**vars(draft), "title": title, "description": _describe(draft, kind, brand, rng)}
    )


def _choose_traits(kind: Kind, noun: str, rng: np.random.Generator) -> tuple[str, ...]:
    """Two or three traits that fit the noun, say something new and don't exclude each other."""
    fitting = [
        name
        for name, phrase in kind.traits.items()
        if phrase.fits(noun) and not _repeats(name, noun)
    ]
    chosen: list[str] = []
    for i in rng.permutation(len(fitting)):
        taken = any(name in kind.one_of for name in chosen)
        if not (taken and fitting[i] in kind.one_of):
            chosen.append(fitting[i])
    return tuple(chosen[: int(rng.choice([2, 2, 3]))])


def _title(draft: Copy, kind: Kind, brand: Brand, rng: np.random.Generator) -> str:
    series = _pick(brand.series, rng)
    lead = draft.traits[0] if draft.traits else ""
    also = draft.traits[1] if len(draft.traits) > 1 else ""
    shape = rng.random()
    if shape < 0.2 and also:
        words, tail = [brand.name, series, draft.audience, draft.noun], [f"{lead} and {also}"]
    elif shape < 0.4:
        words, tail = [brand.name, draft.audience, lead, draft.noun], []
    else:
        words, tail = [brand.name, series, draft.audience, lead, draft.noun], []
    one_colour = not kind.sizes and not kind.colours and kind.materials and not kind.consumable
    if one_colour and not tail and rng.random() < 0.25:
        tail.append(draft.colour.title())
    return ", ".join([" ".join(filter(None, words)), *tail, *draft.specs.values()])


def _describe(draft: Copy, kind: Kind, brand: Brand, rng: np.random.Generator) -> str:
    openers = [text for text in kind.openers if draft.material or "aterial}" not in text]
    sentences = [_fill(_pick(openers, rng), draft)]
    sentences += [kind.traits[name].text for name in draft.traits]
    if rng.random() < 0.3:
        sentences.append(brand.line)
    if rng.random() < 0.45 and len(sentences) < MOST_SENTENCES:
        sentences.append(_pick_phrase(kind.closers, draft.noun, rng))
    return " ".join(filter(None, sentences))


def _fill(template: str, draft: Copy) -> str:
    name = lower_noun(draft.noun)
    plural = is_plural(draft.noun)
    words = {
        "noun": name,
        "a": name if plural else f"{_article(name)} {name}",
        "this": f"{'these' if plural else 'this'} {name}",
        "is": "are" if plural else "is",
        "use": draft.use,
        "material": draft.material,
    }
    words |= {word.capitalize(): upper_first(text) for word, text in words.items()}
    return template.format(**words)


def lower_noun(noun: str) -> str:
    """`noun` as it stands inside a sentence: abbreviations and proper names stay as they are."""
    return " ".join(
        word if word in PROPER or re.search("[A-Z]{2}", word) else word.lower()
        for word in noun.split()
    )


def is_plural(noun: str) -> bool:
    """Whether `noun` takes "these are"."""
    head = noun.split(" for ", maxsplit=1)[0]
    return head.endswith("s") and not head.endswith("ss")


def upper_first(text: str) -> str:
    """`text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def _article(name: str) -> str:
    vowel = name[:1].lower() in "aeiou" and not name.lower().startswith(SOUNDS_LIKE_A_CONSONANT)
    return "an" if vowel else "a"


def _repeats(trait: str, noun: str) -> bool:
    """Whether a trait says what the noun says already."""
    words = set(re.split(r"[\s-]", trait.lower()))
    return bool(words & set(re.split(r"[\s-]", noun.lower())))


def _pick(values: tuple[str, ...] | list[str], rng: np.random.Generator) -> str:
    return values[int(rng.integers(len(values)))] if values else ""


def _pick_phrase(phrases: tuple[Phrase, ...], noun: str, rng: np.random.Generator) -> str:
    return _pick([phrase.text for phrase in phrases if phrase.fits(noun)], rng)
