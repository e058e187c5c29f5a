"""Training runs, the pointer to the one that is live, and who moved it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class TrainingRun(models.Model):
    """One training: what it learned from, how, how well, and how it ended."""

    class State(models.TextChoices):
        """How a run stands; whether it is live is told by ActiveRun."""

        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"
        REFUSED = "refused", "refused: never went live"
        PRUNED = "pruned", "pruned: figures kept, rows deleted"

    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+",
        help_text="The run whose factors this one went on from; empty: from noise.",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    window_start = models.DateTimeField(null=True, help_text="Empty: from the first event on.")
    window_end = models.DateTimeField()
    parameters = models.JSONField(default=dict)
    events = models.PositiveBigIntegerField(default=0)
    shoppers = models.PositiveIntegerField(default=0)
    products = models.PositiveIntegerField(default=0)
    seconds = models.JSONField(default=dict, help_text="Seconds per phase.")
    metrics = models.JSONField(default=dict, help_text="Measured on the last part of the window.")
    error = models.TextField(
        blank=True, default="", help_text="Why it failed, or why it was refused."
    )

    class Meta:
        indexes = [models.Index(F("started_at").desc(), name="training_run_newness")]

    def __str__(self) -> str:
        return f"run {self.pk}"


class ActiveRun(models.Model):
    """One row: the run that is live, and the one before it, to roll back to."""

    run = models.ForeignKey(TrainingRun, models.PROTECT, related_name="+")
    previous = models.ForeignKey(TrainingRun, models.SET_NULL, null=True, related_name="+")
    activated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="active_run_single_row")]

    def __str__(self) -> str:
        return f"live: run {self.run_id}"


class RunActivation(models.Model):
    """Who made which run live, and when. Append-only."""

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="activations")
    replaced = models.ForeignKey(TrainingRun, models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=200)
    activated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(F("activated_at").desc(), name="run_activation_newness")]

    def __str__(self) -> str:
        return f"run {self.run_id} by {self.actor}"
