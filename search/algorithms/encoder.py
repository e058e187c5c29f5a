"""Texts to unit vectors, by an exported ONNX model in a folder that vouches for itself.

The folder holds `model.onnx` (token ids and mask in, pooled sentence vectors out), `queries.onnx`
(the same with its matrices in bytes, for one short text at a time), `tokenizer.json`, and
`manifest.json`, which names the model and the SHA-256 of the others.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

# Else the library keeps an id of the device and a queue of events for its maker in the home folder.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

MANIFEST = "manifest.json"
MODEL = "model.onnx"
QUERIES = "queries.onnx"
TOKENIZER = "tokenizer.json"
OUTPUT = "sentence_embedding"
BATCH = 32

Vectors = NDArray[np.float32]


class UnusableModelError(Exception):
    """The model folder is missing, half written, or not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an exported model is. `files` holds the SHA-256 of each file, in hex."""

    name: str
    model_version: str
    dimensions: int
    max_tokens: int
    query_prompt: str
    document_prompt: str
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write it into `folder`."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of `folder`; UnusableModelError where there is none that can be read."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError:
        message = f"{folder} holds no exported model; run manage.py export_model."
        raise UnusableModelError(message) from None
    except (OSError, ValueError, TypeError) as error:
        raise UnusableModelError(f"{folder / MANIFEST} can't be read: {error}") from error


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_folder(folder: Path) -> Manifest:
    """The manifest of `folder`, each of whose files is what the manifest says.

    Raises UnusableModelError, which names the file, where one is missing or differs.
    """
    manifest = read_manifest(folder)
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file() or hash_file(path) != digest:
            message = f"{path} is missing or damaged; run manage.py export_model again."
            raise UnusableModelError(message)
    return manifest


class Encoder:
    """An ONNX session and its tokeniser. Safe to share between threads."""

    def __init__(self, folder: Path, *, threads: int = 1, graph: str = MODEL) -> None:
        """Check and load `folder`; UnusableModelError where it can't be used.

        `graph` QUERIES is the quick one for queries; a folder of before has the other alone.
        """
        self.manifest = verify_folder(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning wins microseconds where cores are idle and wastes one where they are not.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            file = graph if graph in self.manifest.files else MODEL
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / file), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # the two libraries' errors have no common base
            raise UnusableModelError(f"{folder} can't be loaded: {error}") from error
        self._tokenizer.enable_truncation(self.manifest.max_tokens)
        self._tokenizer.no_padding()

    @property
    def model_version(self) -> str:
        """Names the model and its weights: vectors of different versions are not compared."""
        return self.manifest.model_version

    def knows_word(self, word: str) -> bool:
        """Whether the tokeniser holds `word`, in lower case, as one piece: no mere misspelling."""
        return self._tokenizer.token_to_id(word.lower()) is not None

    def encode_query(self, query: str) -> Vectors:
        """The vector of a query, shape (dimensions,)."""
        # By itself, past the threads that the tokeniser has for batches.
        tokens = self._tokenizer.encode(self.manifest.query_prompt + query).ids
        vector: Vectors = normalise_rows(self._run([tokens]))[0]
        return vector

    def encode_documents(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> Vectors:
        """Vectors of `texts`, shape (len(texts), dimensions), float32, each of length 1.

        A text for which the model gives no direction (zero or not finite) has a row of zeros.
        `on_batch` hears how many texts each finished batch held.
        """
        return self._encode([self.manifest.document_prompt + text for text in texts], on_batch)

    def _encode(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> Vectors:
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(texts), self.manifest.dimensions), np.float32)
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._run([tokens[i] for i in batch])
            if on_batch:
                on_batch(len(batch))
        return normalise_rows(vectors)

    def _run(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        outputs: list[Vectors] = self._session.run(
            [OUTPUT], {"input_ids": ids, "attention_mask": mask}
        )
        return outputs[0]


def normalise_rows(vectors: Vectors) -> Vectors:
    """Each row of (n, d) at length 1; rows that are zero or not finite become zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = np.zeros_like(vectors)
    usable = np.isfinite(lengths) & (lengths > 0)
    np.divide(vectors, lengths, out=unit, where=usable)
    return unit
