"""What a demo shows: the sample shop, or the files of a folder."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from demo.algorithms.shop import ShopSize
from demo.exceptions import DataFolderError
from demo.services.sample import sample_age, write_sample_shop

PRODUCTS, PRICES = "*.products.jsonl.gz", "*.prices.jsonl.gz"
EVENTS = "*.events.jsonl.gz"
STILL_NOW = 3600.0  # seconds after which events that "end now" no longer do


@dataclass(frozen=True)
class Dataset:
    """Files to import, and `source`, which tells one shop from another.

    `is_sample`: drawn here, so every line is right, and its events end now.
    """

    source: str
    folder: Path
    is_sample: bool

    @property
    def product_files(self) -> list[Path]:
        """In the order of their import."""
        return sorted(self.folder.glob(PRODUCTS))

    @property
    def price_files(self) -> list[Path]:
        """In the order of their import."""
        return sorted(self.folder.glob(PRICES))

    @property
    def event_files(self) -> list[Path]:
        """In the order of their import."""
        return sorted(self.folder.glob(EVENTS))

    def digests(self) -> dict[str, str]:
        """SHA-256 of each file by name."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (*self.product_files, *self.price_files, *self.event_files)
        }


def sample_dataset(size: ShopSize) -> Dataset:
    """The sample shop of this size; its files may not have been written yet."""
    name = f"{size.products}-{size.shoppers}-{size.days}-{size.seed}-{settings.STORE_CURRENCY}"
    folder = Path(settings.STOREFRONT_HOME) / "sample" / name
    return Dataset(source=f"sample {name}", folder=folder, is_sample=True)


def folder_dataset(folder: Path) -> Dataset:
    """The files of `folder`; DataFolderError where it has none with products."""
    if not folder.is_dir():
        raise DataFolderError(f"DATA={folder} is not a folder.")
    dataset = Dataset(source=f"folder {folder.resolve()}", folder=folder, is_sample=False)
    if not dataset.product_files:
        raise DataFolderError(f"DATA={folder} holds no {PRODUCTS} file.")
    return dataset


def prepare_sample(dataset: Dataset, size: ShopSize) -> bool:
    """Have the sample shop's files, with events up to now; whether they were written anew."""
    age = sample_age(dataset.folder)
    if age is not None and age < STILL_NOW:
        return False
    now = datetime.now(UTC)
    write_sample_shop(dataset.folder, size, now=now, currency=settings.STORE_CURRENCY)
    return True
