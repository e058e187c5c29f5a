"""Slugs: a name as one part of a URL, unique among those that are taken."""

import hashlib
import unicodedata
from collections.abc import Container
from itertools import count

MAX_PART = 60


def slugify_name(name: str) -> str:
    """`name` as 1 to 60 lower-case letters, digits and hyphens; letters of any script stay.

    A name without any letter or digit gets a short hash, so that it has a URL all the same.
    """
    decomposed = unicodedata.normalize("NFKD", name)
    # Accents of Latin, Greek and Cyrillic go; marks that make another letter elsewhere stay.
    bare = "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")
    composed = unicodedata.normalize("NFC", bare).lower()
    words = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in composed).split()
    slug = "-".join(words)[:MAX_PART].strip("-")
    return slug or hashlib.sha256(name.encode()).hexdigest()[:8]


def free_slug(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or with the first of -2, -3 … that is not taken."""
    if wanted not in taken:
        return wanted
    return next(slug for n in count(2) if (slug := f"{wanted}-{n}") not in taken)
