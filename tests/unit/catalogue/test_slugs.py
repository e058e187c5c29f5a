"""Slugs read well, are never empty, and give way to those that are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.algorithms.slugs import MAX_PART, free_slug, slugify_name


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Cases & Clips", "cases-clips"),
        ("Crème Brûlée", "creme-brulee"),
        ("  --A__b  ", "a-b"),
        ("日本語 が", "日本語-が"),
        ("हिन्दी", "हिन्दी"),
        ("a/b", "a-b"),
        ("x" * 300, "x" * 60),
    ],
)
def test_names_become_slugs(name, slug):
    assert slugify_name(name) == slug


@given(st.text(max_size=200).filter(lambda t: t.isprintable()))
def test_a_slug_is_one_part_of_a_url(name):
    slug = slugify_name(name)
    assert 1 <= len(slug) <= MAX_PART
    assert not set(slug) & set("/ .?#%&_")
    assert slugify_name(name) == slug


def test_a_taken_slug_gets_a_number():
    assert free_slug("a", set()) == "a"
    assert free_slug("a", {"a", "a-2"}) == "a-3"
