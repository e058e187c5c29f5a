"""`manage.py demo`: load a shop, run everything that serves it, and show what it can do."""

import signal
import subprocess
import time
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection

from api.embedded import EmbeddedServicesError
from demo.algorithms.catalogue import VocabularyExhaustedError
from demo.algorithms.shop import ShopSize
from demo.exceptions import DemoError
from demo.management.tour import print_tour
from demo.services.access import Access, ensure_access
from demo.services.children import Orphans
from demo.services.databases import (
    make_room,
    read_mark,
    uses_embedded_services,
    write_mark,
)
from demo.services.datasets import Dataset, folder_dataset, prepare_sample, sample_dataset
from demo.services.loading import Step, is_trained, loading_steps, run_step
from demo.services.places import check_port, hold_data_folder
from demo.services.readiness import wait_until_ready
from demo.services.rules import ensure_rules
from demo.services.supervision import HOST, child_environment, supervised

WATCH_SECONDS = 1.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIZES = ShopSize()


class Command(BaseCommand):
    """Ends on Ctrl-C, SIGTERM or SIGHUP, and leaves nothing running."""

    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The shop, and where it is served."""
        parser.add_argument(
            "--data", default="", metavar="FOLDER", help="import its files, not the sample shop"
        )
        parser.add_argument("--port", type=int, default=8000)
        for name in ("products", "shoppers", "days", "seed"):
            parser.add_argument(
                f"--{name}", type=positive, default=getattr(SIZES, name), help="of the sample shop"
            )

    def handle(self, **options: Any) -> None:
        """Load, serve, show, and wait."""
        self.began = time.monotonic()
        end_on_signals()
        try:
            self._demonstrate(options)
        except (DemoError, EmbeddedServicesError, VocabularyExhaustedError) as error:
            raise CommandError(str(error)) from None
        except Stopped:
            self._say("stopped")

    def _demonstrate(self, options: dict[str, Any]) -> None:
        size = ShopSize(*(options[name] for name in ("products", "shoppers", "days", "seed")))
        data = options["data"]
        dataset = folder_dataset(Path(data)) if data else sample_dataset(size)
        check_port(options["port"])
        with ExitStack() as stack:
            stack.enter_context(hold_data_folder())
            environment = child_environment(whole_history=not dataset.is_sample)
            self._load(dataset, size, environment)
            access = ensure_access()
            self._say("starting web, workers and Beat")
            supervisord = stack.enter_context(supervised(options["port"], environment))
            health = wait_until_ready(options["port"], supervisord)
            self._say("all of it answers")
            self._show(options["port"], access, dataset, health)
            self._watch(supervisord)

    def _load(self, dataset: Dataset, size: ShopSize, environment: dict[str, str]) -> None:
        """Bring the database to hold the dataset, trained; nothing where it does so already."""
        if uses_embedded_services() and (aside := make_room(dataset.source)):
            self._say(f"the shop that was here stays in the database {aside}")
        run_step(Step("tables", ["migrate", "--verbosity", "0"]), environment)
        mark = read_mark()
        same = mark.get("source") == dataset.source
        if same and is_trained() and mark.get("digests") == dataset.digests():
            self._say(f"{dataset.source}: loaded already")
            return
        # What an interrupted load leaves is this shop's, and the next start goes on with it.
        write_mark(dataset.source, {})
        if dataset.is_sample:
            self._say(f"drawing the sample shop into {dataset.folder}")
            prepare_sample(dataset, size)
        steps = loading_steps(dataset)
        for number, step in enumerate(steps, 1):
            self._say(f"[{number}/{len(steps)}] {step.title}")
            if dataset.is_sample and step.arguments == ["run_pipeline"]:
                ensure_rules()
            run_step(step, environment)
        write_mark(dataset.source, dataset.digests())

    def _show(self, port: int, access: Access, dataset: Dataset, health: dict[str, Any]) -> None:
        url = f"http://{HOST}:{port}"
        print_tour(self.stdout, url, access, is_sample=dataset.is_sample)
        for name, check in health["checks"].items():
            if check["status"] != "ok":
                self.stdout.write(f"note: {name} is {check['status']}")
        connection.close()
        self.stdout.write(f"\nready: {url}")
        self.stdout.flush()

    def _watch(self, supervisord: subprocess.Popen[bytes]) -> None:
        """Until told to stop; raises DemoError where it can't go on.

        What dies comes back: programs by supervisord, services by their guard, the guard here.
        """
        orphans = Orphans(supervisord.pid)
        while supervisord.poll() is None:
            time.sleep(WATCH_SECONDS)
            orphans.end()
            if uses_embedded_services():
                settings.EMBEDDED.ensure_running()
        raise DemoError("supervisord ended; its log is in the data folder")

    def _say(self, message: str) -> None:
        self.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {message}")
        self.stdout.flush()


def positive(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("give a whole number from 1")
    return int(text)


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Somebody asked the demo to stop."""


def end_on_signals() -> None:
    """Raise Stopped in the main thread at the first signal; what follows is not interrupted."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in ENDING:
        signal.signal(number, stop)
