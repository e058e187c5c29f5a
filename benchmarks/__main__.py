"""`make bench [PORT=8000]`: every benchmark, the first against a running `make demo`."""

import json
import subprocess
import sys
from pathlib import Path

KEYS = Path(__file__).resolve().parent.parent / "var" / "demo-keys.json"


def main(url: str) -> int:
    """Run them one after another; the number of those that failed."""
    if not KEYS.exists():
        sys.exit("start `make demo` in another terminal first")
    keys = json.loads(KEYS.read_text(encoding="utf-8"))
    commands = [
        ["benchmarks.search_latency", url, "--key", keys["publishable"]],
        ["benchmarks.events"],
        ["benchmarks.reads"],
        ["benchmarks.catalogue_lists"],
        ["benchmarks.pricing.read_prices"],
        ["benchmarks.recommendations", "--scale", "0.1"],
    ]
    failed = 0
    for command in commands:
        print(f"\n{command[0]}", flush=True)
        done = subprocess.run([sys.executable, "-m", *command], check=False)
        failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["http://127.0.0.1:8000"])))
