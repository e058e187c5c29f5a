"""The library that runs the model tells its maker nothing."""

import os
import subprocess
import sys

import pytest

ASK = """
import sys
{first}
import onnxruntime
try:
    onnxruntime.InferenceSession(b"no model")
except Exception:
    sys.exit(0)
"""


def files_left_by(code, home):
    home.mkdir()
    # Nothing else, for the library is silent of itself where it takes this for CI.
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return [path.name for path in home.rglob("*") if path.is_file()]


def test_no_id_and_no_events_are_kept(tmp_path):
    assert files_left_by(ASK.format(first="import search.algorithms.encoder"), tmp_path / "a") == []
    if "deviceid" not in files_left_by(ASK.format(first=""), tmp_path / "b"):
        pytest.skip("this build of the library keeps none, left to itself")
