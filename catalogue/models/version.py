"""A number that is another after each commit that changed what shoppers are shown."""

from django.db import models


class CatalogueVersion(models.Model):
    """A part of the version of the catalogue and its offers, which is the sum over all rows.

    Triggers let a part grow with each statement on products, variants, offers, brands and
    categories. A transaction takes a part that no other holds, or makes one: so no writer waits
    for another, and there are as many rows as there once were writers at a time.
    """

    changes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"part {self.pk}: {self.changes}"
