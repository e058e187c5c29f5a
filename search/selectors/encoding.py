"""The vector of a query: from the cache, else from the model that this process holds."""

import hashlib
import logging
import threading
import time
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.cache import cache
from numpy.typing import NDArray

from search.algorithms.encoder import Encoder, UnusableModelError

logger = logging.getLogger(__name__)

VECTOR_SECONDS = 24 * 60 * 60
# A folder that can't be used is looked at again this often: an export may be under way.
RETRY_SECONDS = 10.0


class EncoderHolder:
    """Loads a model folder once, at the first use; remembers for a while that it could not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        self._folder: Path | None = None
        self._retry_at = 0.0

    def get(self, folder: Path) -> Encoder | None:
        """The encoder of `folder`, or None where it can't be used just now."""
        if self._encoder is None or self._folder != folder:
            with self._lock:
                self._load(folder)
        return self._encoder

    def _load(self, folder: Path) -> None:
        if self._folder == folder and (self._encoder or time.monotonic() < self._retry_at):
            return
        self._folder, self._encoder = folder, None
        try:
            self._encoder = Encoder(folder)
        except UnusableModelError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            logger.warning("search answers by keywords only: %s", error)


_holder = EncoderHolder()


def get_encoder() -> Encoder | None:
    """This process's encoder, or None where `EMBEDDING_MODEL_DIR` holds no usable model."""
    return _holder.get(Path(settings.EMBEDDING_MODEL_DIR))


def encode_query(query: str) -> NDArray[np.float32] | None:
    """The unit vector of a normalised query, shape (384,).

    None where there is no model, and where the model gives the query no direction.
    """
    encoder = get_encoder()
    if encoder is None or not query:
        return None
    digest = hashlib.sha256(query.encode()).hexdigest()
    key = f"search:vector:{encoder.model_version}:{digest}"
    stored = cache.get(key)
    if isinstance(stored, bytes) and len(stored) == 4 * encoder.manifest.dimensions:
        return np.frombuffer(stored, np.float32)
    vector = encoder.encode_query(query)
    cache.set(key, vector.tobytes(), VECTOR_SECONDS)
    return vector if vector.any() else None
