"""A model folder is used only if it is whole; vectors are unit vectors or zeros."""

import numpy as np
import pytest

from search.algorithms.encoder import (
    MANIFEST,
    MODEL,
    TOKENIZER,
    Encoder,
    Manifest,
    UnusableModelError,
    hash_file,
    normalise_rows,
    verify_folder,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / MODEL).write_bytes(b"model")
    (tmp_path / TOKENIZER).write_bytes(b"{}")
    files = {name: hash_file(tmp_path / name) for name in (MODEL, TOKENIZER)}
    Manifest("m", "m-1", 384, 256, "", "", files).write(tmp_path)
    return tmp_path


def test_a_whole_folder_is_verified(folder):
    assert verify_folder(folder).model_version == "m-1"


@pytest.mark.parametrize("name", [MODEL, TOKENIZER])
def test_a_damaged_or_missing_file_is_named(folder, name):
    (folder / name).write_bytes(b"half")
    with pytest.raises(UnusableModelError, match=f"{name} is missing or damaged"):
        verify_folder(folder)
    (folder / name).unlink()
    with pytest.raises(UnusableModelError, match=f"{name} is missing or damaged"):
        verify_folder(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "m"}', "\xff"])
def test_an_unreadable_manifest_is_refused(folder, text):
    (folder / MANIFEST).write_text(text, encoding="latin-1")
    with pytest.raises(UnusableModelError, match="can't be read"):
        verify_folder(folder)


def test_a_missing_folder_says_what_to_run(tmp_path):
    with pytest.raises(UnusableModelError, match="export_model"):
        Encoder(tmp_path / "nowhere")


def test_files_that_are_no_model_are_refused(folder):
    with pytest.raises(UnusableModelError, match="can't be loaded"):
        Encoder(folder)


def test_rows_are_of_length_one_or_zeros():
    raw = np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1]], np.float32)
    assert normalise_rows(raw).tolist() == [
        [pytest.approx(0.6), pytest.approx(0.8)], [0, 0], [0, 0], [0, 0],
    ]  # fmt: skip
