"""What a training takes on the same pairs, from the log to what is live, the gate excluded.

Beside the whole stands what bare implicit does, too: reading, ALS, its best 20 and writing them.
"""

import json
import os
import sys
import time
from dataclasses import replace
from typing import Any

import scipy.sparse as sp

from benchmarks.recommendations.bare import TOP
from benchmarks.recommendations.memory import peak_memory
from benchmarks.recommendations.stopwatch import Stopwatch, backend_seconds

_SERVICES, _ALGORITHMS = "recommendations.services", "recommendations.algorithms"
# What follows one another; their sum, without the gate, is what counts.
PHASES = {
    "read": f"{_SERVICES}.training:_Training._read",
    "weigh": f"{_SERVICES}.rows:Window.rows",
    "gate": f"{_SERVICES}.training:_Training._ask_gate",
    "fit": f"{_SERVICES}.training:fit_model",
    "write model": f"{_SERVICES}.training:write_model",
    "similar": f"{_SERVICES}.training:write_similar",
    "popular": f"{_SERVICES}.training:write_popular",
    "lists": f"{_SERVICES}.shopper_lists:ShopperLists.write",
    "latecomers, activation": f"{_SERVICES}.training:activate_run",
}
# Parts of these.
PARTS = {
    "fit: ALS": f"{_ALGORITHMS}.blend:fit_als",
    "fit: kNN": f"{_ALGORITHMS}.blend:fit_item_knn",
}
# Parts of "lists" that several threads do at once.
THREADED = {
    "lists: rank": f"{_ALGORITHMS}.recommending:_rank_block",
    "rank: fold-in": f"{_ALGORITHMS}.recommending:fold_in_rows",
    "rank: neighbours, blend, best": f"{_ALGORITHMS}.recommending:rank_rows",
    "rank: reasons": f"{_ALGORITHMS}.recommending:explain",
    "lists: rows": f"{_SERVICES}.shopper_lists:_Rows.add",
    "lists: COPY": f"{_SERVICES}.shopper_lists:copy_binary",
}


def main(*, gate: bool) -> None:
    """Train on the database that the environment names; print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    import django  # noqa: PLC0415 - the settings need the environment

    django.setup()
    print(json.dumps(_measure(gate=gate)))


def _measure(*, gate: bool) -> dict[str, Any]:
    from django.db import connection  # noqa: PLC0415 - Django must be set up

    from recommendations.services import training  # noqa: PLC0415

    if not gate:
        setattr(training, "ask_gate", _let_pass)  # noqa: B010
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    watch = Stopwatch(backend)
    for places, alone in ((PHASES | PARTS, True), (THREADED, False)):
        for name, place in places.items():
            watch.watch(name, place, alone=alone)
    written = _keep_what_is_written()
    started, cpu, database = time.perf_counter(), time.process_time(), backend_seconds(backend)
    wish = training.Wish(cold=True, actor="benchmark")
    report = training.train(training.Window.ending(None, None), wish=wish)
    whole, gated = time.perf_counter() - started, watch.spent["gate"]
    figures = {
        "events": report.events,
        "lists": report.lists,
        "phases": watch.figures(),
        "seconds": round(whole - gated.wall, 2),
        "cpu": round(time.process_time() - cpu - gated.cpu, 2),
        "database_cpu": round(backend_seconds(backend) - database, 2),
        "peak_gib": peak_memory(),
    }
    alike = sum(watch.spent[name].wall for name in ("read", "weigh", "fit: ALS"))
    return figures | {"like_for_like": round(alike + _write_als_alone(*written), 2)}


def _keep_what_is_written() -> list[Any]:
    """What a training writes from: model, window and shoppers, there when it has written."""
    from recommendations.services.training import _Training  # noqa: PLC0415

    kept: list[Any] = []
    write = _Training._write  # noqa: SLF001 - where all of it is at hand

    def keep(self: Any, *values: Any) -> Any:
        kept.extend(values)
        return write(self, *values)

    setattr(_Training, "_write", keep)  # noqa: B010 - mypy would not have it assigned
    return kept


def _write_als_alone(model: Any, found: Any, shoppers: Any) -> float:
    """Seconds for ranking and writing the best TOP by ALS, without reasons."""
    from django.utils import timezone  # noqa: PLC0415 - Django must be set up

    from recommendations.models import TrainingRun  # noqa: PLC0415
    from recommendations.services.shopper_lists import ShopperLists  # noqa: PLC0415

    settings = replace(model.settings, blend=(1.0, 0.0, 0.0), reasons=0)
    nothing = sp.csr_matrix(model.similarity.shape)
    alone = replace(model, settings=settings, similarity=nothing, kinship=nothing)
    run = TrainingRun.objects.create(window_end=timezone.now())
    started = time.perf_counter()
    ShopperLists(run.pk, alone, found.product_ids, shoppers, depth=TOP).write(lambda _: None)
    return time.perf_counter() - started


def _let_pass(*_: Any, **__: Any) -> Any:
    from recommendations.services.engine import gate_settings  # noqa: PLC0415
    from recommendations.services.gating import Gating, judge_nobody  # noqa: PLC0415

    return Gating(judge_nobody(gate_settings()))


if __name__ == "__main__":
    main(gate="--without-gate" not in sys.argv)
