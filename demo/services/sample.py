"""Writes the sample shop's files."""

import gzip
import io
import json
import time
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from demo.algorithms.events import event_lines, product_lines
from demo.algorithms.past_prices import price_lines
from demo.algorithms.shop import SampleShop, ShopSize, draw_shop
from demo.algorithms.truth import truth_arrays, truth_ids

PRODUCTS_FILE = "sample.products.jsonl.gz"
PRICES_FILE = "sample.prices.jsonl.gz"
EVENTS_FILE = "sample.events.jsonl.gz"
TRUTH_FILE = "truth.npz"
TRUTH_IDS_FILE = "truth.json"  # written last: where it stands, the rest is whole


def write_sample_shop(folder: Path, size: ShopSize, *, now: datetime, currency: str) -> SampleShop:
    """Draw a shop and write its import files, and the truth behind them, into `folder`.

    The same `size` and `now` (to the second) give the same bytes.
    """
    shop = draw_shop(size, now=int(now.timestamp()) * 1000)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TRUTH_IDS_FILE).unlink(missing_ok=True)
    _write_lines(folder / PRODUCTS_FILE, product_lines(shop.market, currency))
    _write_lines(folder / PRICES_FILE, price_lines(shop.market, currency))
    _write_lines(
        folder / EVENTS_FILE, event_lines(shop.market, shop.choices, shop.events, currency)
    )
    _write_arrays(folder / TRUTH_FILE, truth_arrays(shop))
    (folder / TRUTH_IDS_FILE).write_text(json.dumps(truth_ids(shop, size)), encoding="utf-8")
    return shop


def sample_age(folder: Path) -> float | None:
    """Seconds since the files in `folder` were written; None where they are not all there."""
    try:
        return time.time() - (folder / TRUTH_IDS_FILE).stat().st_mtime
    except FileNotFoundError:
        return None


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    content = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    path.write_bytes(gzip.compress(content, compresslevel=5, mtime=0))


def _write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """An .npz file without the time of writing, which `numpy.savez` would put in."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())
