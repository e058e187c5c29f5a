"""Web processes enqueue and read: they never load the numeric libraries."""

import subprocess
import sys

CHECK = """
import sys, django
django.setup()
import api.urls
heavy = {"scipy", "implicit", "numba", "sklearn", "torch"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or None)
"""


def test_what_the_server_imports_is_light():
    done = subprocess.run(
        [sys.executable, "-c", CHECK], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
