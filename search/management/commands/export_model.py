"""Export the embedding model to where search reads it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search.exceptions import ModelSourceError
from search.services.exporting import export_model


class Command(BaseCommand):
    """Exports a sentence-transformers model to ONNX."""

    help = "Export the embedding model to ONNX, hashes inside. Does nothing where it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which model, and where to."""
        parser.add_argument("--model", default=settings.EMBEDDING_MODEL, help="name or folder")
        parser.add_argument("--to", type=Path, default=Path(settings.EMBEDDING_MODEL_DIR))

    def handle(self, *_: Any, **options: Any) -> None:
        """Export, and say what stands there now."""
        try:
            manifest, written = export_model(options["model"], options["to"])
        except ModelSourceError as error:
            raise CommandError(str(error)) from error
        done = "exported" if written else "already there"
        self.stdout.write(f"{manifest.model_version}: {done}, in {options['to']}")
