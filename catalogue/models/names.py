"""Categories and brands: named by the merchant, reached by slugs that follow their names."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Lower

from catalogue.algorithms.slugs import free_slug, slugify_name
from catalogue.models.expressions import StartsWith
from catalogue.signals import announce_on_commit

# Both keep the unique indexes on path and slug under PostgreSQL's limit of 2,704 bytes a row.
MAX_DEPTH = 10
MAX_PATH_BYTES = 2000

PATH_SEPARATOR = " > "

_MOVE_SUBTREE = """
UPDATE catalogue_category
SET path = %(path)s || path[%(depth)s + 1:], slug = %(slug)s || substr(slug, %(old_length)s + 1)
WHERE path[1:%(depth)s] = %(old_path)s AND id <> %(id)s
"""
_TOUCH_CATEGORY = """
UPDATE catalogue_product AS p SET updated_at = clock_timestamp()
FROM catalogue_category AS c
WHERE c.id = p.category_id AND c.path[1:%(depth)s] = %(path)s
RETURNING p.id
"""
_TOUCH_BRAND = """
UPDATE catalogue_product SET updated_at = clock_timestamp() WHERE brand_id = %s RETURNING id
"""


def lock_names() -> None:
    """Wait until no other transaction makes or renames categories or brands; hold until commit.

    Slugs are chosen by looking at those that are taken, and a subtree moves as a whole.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('catalogue names', 0))")


def _returned_ids(sql: str, parameters: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [product_id for (product_id,) in cursor]


def _with(update_fields: Iterable[str] | None, changed: str, derived: set[str]) -> Any:
    """`update_fields` together with what is derived from the field `changed`."""
    if update_fields is None:
        return None
    fields = set(update_fields)
    return fields | derived if changed in fields else fields


class CategoryQuerySet(models.QuerySet["Category"]):
    """Vocabulary of categories."""

    def called(self, name: str) -> "CategoryQuerySet":
        """Those that `name` means: a slug, names joined by ` > `, or else any that bear it."""
        parts = [part.strip() for part in name.split(PATH_SEPARATOR.strip())]
        exact = Category.objects.filter(Q(slug=name.strip("/")) | Q(path=parts))
        return self.filter(Q(pk__in=exact) | (Q(name__iexact=name.strip()) & ~Exists(exact)))

    def subtree_of(self, name: str) -> "CategoryQuerySet":
        """The categories that `name` means and all that lie below them."""
        roots = Category.objects.called(name).filter(
            Q(pk=OuterRef("pk")) | Q(StartsWith(OuterRef("slug"), Concat(F("slug"), Value("/"))))
        )
        return self.filter(Exists(roots))


class Category(models.Model):
    """A node of the category tree, which also holds its whole path from the root.

    `save` derives `path` and `slug`, carries a new name or parent down the subtree, and announces
    the products in it. `QuerySet.update` and `bulk_create` do none of that.
    """

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(max_length=200)
    slug = models.CharField(
        max_length=900,
        unique=True,
        blank=True,
        editable=False,
        help_text="Full path, such as phones/cases.",
    )
    path = ArrayField(
        models.TextField(),
        unique=True,
        blank=True,
        editable=False,
        help_text="Names from the root to here.",
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return PATH_SEPARATOR.join(self.path)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with path and slug; one statement moves what lies below."""
        for field in ("name", "parent"):
            kwargs["update_fields"] = _with(
                kwargs.get("update_fields"), field, {"name", "parent", "path", "slug"}
            )
        with transaction.atomic():
            lock_names()
            before = Category.objects.filter(pk=self.pk).values_list("path", "slug").first()
            self._place()
            super().save(*args, **kwargs)
            if before and before != (self.path, self.slug):
                self._move_subtree(*before)

    def clean(self) -> None:
        """Refuse a parent below itself, a sibling's name, and a path that is too deep or long."""
        above = self.parent.path if self.parent else []
        path = [*above, self.name]
        if self.pk and above[: len(self.path)] == self.path:
            raise ValidationError({"parent": "A category can't lie below itself."})
        if len(path) > MAX_DEPTH or sum(len(name.encode()) for name in path) > MAX_PATH_BYTES:
            raise ValidationError({"name": f"Deeper than {MAX_DEPTH} levels, or too long a path."})
        if Category.objects.filter(path=path).exclude(pk=self.pk).exists():
            raise ValidationError({"name": "Its parent already has a category of this name."})

    def _place(self) -> None:
        """Derive path and slug from the parent as it stands in the database."""
        above = Category.objects.filter(pk=self.parent_id or 0).values_list("path", "slug").first()
        path, prefix = (above[0], f"{above[1]}/") if above else ([], "")
        if self.path != [*path, self.name] or not self.slug:
            wanted = prefix + slugify_name(self.name)
            rivals = Category.objects.filter(slug__startswith=wanted).exclude(pk=self.pk)
            self.slug = free_slug(wanted, set(rivals.values_list("slug", flat=True)))
            self.path = [*path, self.name]

    def _move_subtree(self, old_path: list[str], old_slug: str) -> None:
        parameters: dict[str, Any] = {
            "id": self.pk, "path": self.path, "slug": self.slug, "depth": len(old_path),
            "old_path": old_path, "old_length": len(old_slug),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_SUBTREE, parameters)
        announce_on_commit(
            _returned_ids(_TOUCH_CATEGORY, {"depth": len(self.path), "path": self.path})
        )


class BrandQuerySet(models.QuerySet["Brand"]):
    """Vocabulary of brands."""

    def called(self, names: Iterable[str]) -> "BrandQuerySet":
        """Those whose name or slug is one of `names`, whatever the case."""
        wanted = [name.strip().lower() for name in names]
        return self.alias(lowered=Lower("name")).filter(Q(slug__in=wanted) | Q(lowered__in=wanted))


class Brand(models.Model):
    """Who makes a product. `save` derives the slug and announces the products of a new name."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.CharField(max_length=220, unique=True, blank=True, editable=False)

    objects = BrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with a slug that follows the name."""
        kwargs["update_fields"] = _with(kwargs.get("update_fields"), "name", {"slug"})
        with transaction.atomic():
            lock_names()
            before = Brand.objects.filter(pk=self.pk).values_list("name", flat=True).first()
            if before != self.name or not self.slug:
                wanted = slugify_name(self.name)
                rivals = Brand.objects.filter(slug__startswith=wanted).exclude(pk=self.pk)
                self.slug = free_slug(wanted, set(rivals.values_list("slug", flat=True)))
            super().save(*args, **kwargs)
            if before not in {None, self.name}:
                announce_on_commit(_returned_ids(_TOUCH_BRAND, [self.pk]))
