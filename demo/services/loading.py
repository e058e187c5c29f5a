"""Loads a shop: each step is the command that an operator would run."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError

from demo.exceptions import StepFailedError
from demo.services.children import child
from demo.services.datasets import Dataset
from recommendations.selectors.runs import live_run


@dataclass(frozen=True)
class Step:
    """A command of `manage.py`, and what it is for."""

    title: str
    arguments: list[str] = field(default_factory=list)


def loading_steps(dataset: Dataset) -> list[Step]:
    """Import and train. Files from elsewhere may hold wrong lines, which are told and left out."""
    on_error = ["--on-error", "abort" if dataset.is_sample else "skip"]
    return [
        *(
            Step(f"products of {path.name}", ["import_products", str(path), *on_error])
            for path in dataset.product_files
        ),
        *(
            Step(f"past prices of {path.name}", ["import_prices", str(path)])
            for path in dataset.price_files
        ),
        *(
            Step(f"events of {path.name}", ["import_events", str(path), *on_error])
            for path in dataset.event_files
        ),
        Step("embedding model", ["export_model"]),
        Step("index, embed, train, go live, decide prices, suggest", ["run_pipeline"]),
    ]


def run_step(step: Step, environment: Mapping[str, str]) -> None:
    """Run it to its end; its output goes where ours goes. StepFailedError where it fails."""
    command = [sys.executable, "manage.py", *step.arguments]
    with child(command, environment, settings.BASE_DIR) as process:
        status = process.wait()
    if status:
        raise StepFailedError(f"`manage.py {' '.join(step.arguments)}` failed ({status})")


def is_trained() -> bool:
    """Whether a training run is live; before the first migration, none is."""
    with suppress(DatabaseError):
        return live_run() is not None
    return False
