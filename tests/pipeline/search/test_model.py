"""The exported model is the reference model, and comes into place whole."""

import json
from dataclasses import replace

import numpy as np
import pytest

from search.algorithms.encoder import MODEL, QUERIES, TOKENIZER, Encoder, verify_folder
from search.exceptions import ModelSourceError
from search.services import exporting
from search.services.exporting import export_model, find_source, quiet_libraries

TEXTS = [
    "waterproof iphone case",
    "x",
    "",
    "👩‍👩‍👧 toys",
    "Café crème brûlée torch, 30 cm — schwarz",
    "long " * 600,
    "Mug\nAcme\nKitchen > Mugs\ncolour: blue, red\nHolds 300 ml of tea.",
]


def test_vectors_are_those_of_sentence_transformers(model_folder):
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - takes seconds

    with quiet_libraries():
        reference = SentenceTransformer(find_source("all-MiniLM-L6-v2"), device="cpu")
    expected = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    encoder = Encoder(model_folder)
    together = encoder.encode_documents(TEXTS)
    alone = np.array([encoder.encode_query(text) for text in TEXTS])
    assert np.min(np.sum(together * expected, axis=1)) >= 0.999
    assert np.min(np.sum(alone * expected, axis=1)) >= 0.999
    quick = Encoder(model_folder, graph=QUERIES)
    assert quick.model_version == encoder.model_version
    queries = np.array([quick.encode_query(text) for text in TEXTS])
    assert np.min(np.sum(queries * expected, axis=1)) >= 0.99


def test_a_folder_of_before_gains_the_graph_for_queries(model_folder, tmp_path, monkeypatch):
    target = tmp_path / "embedding"
    target.mkdir()
    for name in (MODEL, TOKENIZER):
        (target / name).write_bytes((model_folder / name).read_bytes())
    manifest = verify_folder(model_folder)
    files = {name: manifest.files[name] for name in (MODEL, TOKENIZER)}
    replace(manifest, files=files).write(target)
    Encoder(target, graph=QUERIES)
    graph = (model_folder / MODEL).read_bytes()
    monkeypatch.setattr(exporting, "_export_graph", lambda _, path: path.write_bytes(graph))
    again, written = export_model("all-MiniLM-L6-v2", target)
    assert written
    assert again.model_version == manifest.model_version
    assert QUERIES in verify_folder(target).files


def test_exporting_again_does_nothing(model_folder):
    before = (model_folder / MODEL).stat().st_mtime_ns
    manifest, written = export_model("all-MiniLM-L6-v2", model_folder)
    assert not written
    assert manifest == verify_folder(model_folder)
    assert (model_folder / MODEL).stat().st_mtime_ns == before


def test_a_damaged_folder_is_replaced_whole(model_folder, tmp_path, monkeypatch):
    target = tmp_path / "embedding"
    target.mkdir()
    (target / "manifest.json").write_text("{")
    (target / "stray").write_text("left by a crash")
    graph = (model_folder / MODEL).read_bytes()
    monkeypatch.setattr(exporting, "_export_graph", lambda _, path: path.write_bytes(graph))
    _, written = export_model("all-MiniLM-L6-v2", target)
    assert written
    assert not (target / "stray").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["embedding"]
    Encoder(target)


def test_a_failed_export_leaves_what_was_there(tmp_path, monkeypatch):
    pytest.importorskip("torch")

    def fail(*_):
        raise KeyboardInterrupt

    target = tmp_path / "embedding"
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps({"name": "old"}))
    monkeypatch.setattr(exporting, "_export_graph", fail)
    with pytest.raises(KeyboardInterrupt):
        export_model("all-MiniLM-L6-v2", target)
    assert json.loads((target / "manifest.json").read_text()) == {"name": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["embedding"]


def test_other_weights_are_refused(monkeypatch):
    module, _ = exporting.PACKAGED["all-MiniLM-L6-v2"]
    monkeypatch.setitem(exporting.PACKAGED, "all-MiniLM-L6-v2", (module, "0" * 64))
    with pytest.raises(ModelSourceError, match="not the file it should be"):
        find_source("all-MiniLM-L6-v2")


def test_a_folder_without_a_model_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelSourceError, match="can't be loaded"):
        export_model(str(tmp_path / "empty"), tmp_path / "target")
    assert not (tmp_path / "target").exists()
