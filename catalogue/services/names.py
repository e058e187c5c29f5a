"""Make the brands and categories that an import names, a level of the tree at a time."""

from collections.abc import Collection, Iterable
from itertools import groupby

from catalogue.algorithms.slugs import free_slug, slugify_name
from catalogue.models import Brand, Category, lock_names

Path = tuple[str, ...]


def ensure_brands(names: Collection[str]) -> dict[str, int]:
    """Keys of the brands called `names`, made where absent; within a transaction."""
    if not names:
        return {}
    lock_names()
    found = dict(Brand.objects.filter(name__in=names).values_list("name", "id"))
    if missing := sorted(set(names) - set(found)):
        taken = set(Brand.objects.values_list("slug", flat=True))
        brands = [Brand(name=name, slug=_take(slugify_name(name), taken)) for name in missing]
        found |= {brand.name: brand.pk for brand in Brand.objects.bulk_create(brands)}
    return found


def ensure_categories(paths: Collection[Path]) -> dict[Path, int]:
    """Keys of the categories at `paths`, made where absent together with all above them."""
    if not paths:
        return {}
    lock_names()
    wanted = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    found = _find_trees({path[0] for path in paths})
    if missing := wanted - set(found):
        _add_levels(missing, found)
    return {path: found[path].pk for path in wanted}


def _find_trees(roots: set[str]) -> dict[Path, Category]:
    return {tuple(c.path): c for c in Category.objects.filter(path__0__in=roots)}


def _add_levels(missing: Iterable[Path], found: dict[Path, Category]) -> None:
    taken = set(Category.objects.values_list("slug", flat=True))
    ordered = sorted(missing, key=lambda path: (len(path), path))
    for _, level in groupby(ordered, key=len):
        categories = [_new_category(path, found.get(path[:-1]), taken) for path in level]
        found |= {tuple(c.path): c for c in Category.objects.bulk_create(categories)}


def _new_category(path: Path, parent: Category | None, taken: set[str]) -> Category:
    prefix = f"{parent.slug}/" if parent else ""
    slug = _take(prefix + slugify_name(path[-1]), taken)
    return Category(parent=parent, name=path[-1], path=list(path), slug=slug)


def _take(wanted: str, taken: set[str]) -> str:
    slug = free_slug(wanted, taken)
    taken.add(slug)
    return slug
