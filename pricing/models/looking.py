"""What tells a round where to look: notes of what changed, and what the last round held."""

from django.db import models
from django.db.models.functions import Now

from catalogue.models import Product


class DueProduct(models.Model):
    """A note that a decider may want another price for a product than when it last looked.

    Triggers leave them (see the migration), in the transaction of what they tell of, so a note is
    seen exactly when that is. Many notes may be of one product, and no constraint makes a writer
    wait for another's.
    """

    product = models.ForeignKey(Product, models.DO_NOTHING, db_constraint=False, db_index=False)

    def __str__(self) -> str:
        return str(self.product_id)


class LastRound(models.Model):
    """The one row of the last round: when it was, and what held for all products then.

    Where any of `ground` is another, the next round looks at every product.
    """

    slot = models.DateTimeField()
    began_at = models.DateTimeField(db_default=Now())
    ground = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="last_round_is_one"),
        ]

    def __str__(self) -> str:
        return f"as of {self.slot:%Y-%m-%d %H:%M}"
