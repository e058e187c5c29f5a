"""The vector of a query: what this process remembers, else from the model that it holds."""

import logging
import threading
import time
from pathlib import Path

import numpy as np
from cachetools import LRUCache, cached
from django.conf import settings
from numpy.typing import NDArray

from search.algorithms.encoder import QUERIES, Encoder, UnusableModelError, normalise_rows
from search.algorithms.query import ParsedQuery

logger = logging.getLogger(__name__)

# Vectors that a process remembers: about 8 MB. To ask Redis for one, and to tell it of one, would
# take a third of what the model takes.
KEPT_VECTORS = 4096
# A folder that can't be used is looked at again this often: an export may be under way.
RETRY_SECONDS = 10.0


class EncoderHolder:
    """Loads a model folder once, at the first use; remembers for a while that it could not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        self._folder: Path | str | None = None
        self._retry_at = 0.0

    def get(self, folder: Path | str) -> Encoder | None:
        """The encoder of `folder`, or None where it can't be used just now."""
        if self._encoder is None or self._folder != folder:
            with self._lock:
                self._load(folder)
        return self._encoder

    def _load(self, folder: Path | str) -> None:
        if self._folder == folder and (self._encoder or time.monotonic() < self._retry_at):
            return
        self._folder, self._encoder = folder, None
        try:
            self._encoder = Encoder(Path(folder), graph=QUERIES)
        except UnusableModelError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            logger.warning("search answers by keywords only: %s", error)


_holder = EncoderHolder()


def get_encoder() -> Encoder | None:
    """This process's encoder, or None where `EMBEDDING_MODEL_DIR` holds no usable model."""
    return _holder.get(settings.EMBEDDING_MODEL_DIR)


def encode_query(query: str) -> NDArray[np.float32] | None:
    """The unit vector of a normalised query, shape (384,).

    None where there is no model, and where the model gives the query no direction.
    """
    encoder = get_encoder()
    if encoder is None or not query:
        return None
    vector = _encode(encoder, query)
    return vector if vector.any() else None


def encode_meaning(query: ParsedQuery) -> NDArray[np.float32] | None:
    """The unit vector of what `query` asks for, shape (384,); None as `encode_query` says.

    One with synonyms lies halfway between its own words and the mean of what stands for them.
    """
    own = encode_query(query.words)
    others = [vector for text in query.rewritings if (vector := encode_query(text)) is not None]
    if own is None or not others:
        return own
    joint: NDArray[np.float32] = normalise_rows(own[None] + np.mean(others, axis=0))[0]
    return joint


@cached(
    LRUCache(KEPT_VECTORS),
    key=lambda encoder, query: (encoder.model_version, query),
    lock=threading.Lock(),
)
def _encode(encoder: Encoder, query: str) -> NDArray[np.float32]:
    return encoder.encode_query(query)


def forget_vectors() -> None:
    """Encode every query afresh."""
    _encode.cache_clear()
