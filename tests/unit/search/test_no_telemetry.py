"""The library that runs the model tells its maker nothing."""

import os
import subprocess
import sys

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
    environment = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    subprocess.run([sys.executable, "-c", code], env=environment | {"HOME": str(home)}, check=True)
    return [path.name for path in home.rglob("*") if path.is_file()]


def test_no_id_and_no_events_are_kept(tmp_path):
    assert files_left_by(ASK.format(first="import search.algorithms.encoder"), tmp_path / "a") == []
    # Left to itself it would keep them: this test can fail.
    assert "deviceid" in files_left_by(ASK.format(first=""), tmp_path / "b")
