"""Who did what to prices, and why."""

from django.db import models
from django.db.models.functions import Now


class PricingAction(models.Model):
    """An act of a person or a back end; never changed. Prices themselves stand in the history."""

    class Kind(models.TextChoices):
        """What was done."""

        APPROVE = "approve"
        REJECT = "reject"
        SET_PRICE = "set_price"
        KILL = "kill"
        RESUME = "resume"
        FREEZE = "freeze"
        UNFREEZE = "unfreeze"
        SAVE_RULE = "save_rule"
        RETIRE_RULE = "retire_rule"
        SCHEDULE = "schedule"
        CANCEL = "cancel"

    kind = models.CharField(max_length=11, choices=Kind)
    actor = models.CharField(max_length=150)
    reason = models.CharField(max_length=500, blank=True, default="")
    target = models.CharField(
        max_length=200, help_text="Which rule, product, category or proposal."
    )
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.kind} {self.target}"
