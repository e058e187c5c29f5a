"""A demo that stops leaves nothing running; one that starts again finds what is there."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.pipeline.conftest import ROOT, Storefront, free_port, start_demo, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
SMALL = ["--products", "150", "--shoppers", "80", "--days", "30"]


def processes_of(home: Path) -> set[tuple[int, str]]:
    """Pid and start time of every process that was started for `home`."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes()
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and os.fsencode(home) in environment + command:
            found.add((int(folder.name), fields[19]))
    return found


def stop(process: subprocess.Popen[str], number: int) -> int:
    process.send_signal(number)
    return process.wait(60)


def run_demo(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "STOREFRONT_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "manage.py", "demo", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.timeout(600)  # on a busy machine, with the shared shop still to be started
def test_a_demo_stops_starts_again_and_heals(tmp_path: Path, storefront: Storefront):
    # The model takes longest, and is the same for all.
    shutil.copytree(storefront.home / "models", tmp_path / "models")

    process, first = start_demo(tmp_path, *SMALL)
    assert len(processes_of(tmp_path)) > 6
    assert stop(process, signal.SIGINT) == 0
    assert wait_for(lambda: not processes_of(tmp_path), "everything is gone")

    began = time.monotonic()
    process, second = start_demo(tmp_path, *SMALL)
    assert "loaded already" in second.output
    assert "import" not in second.output
    assert second.keys == first.keys
    assert httpx.get(f"{second.url}/v1/products").json()["results"]
    assert time.monotonic() - began < 60

    servers = [
        pid
        for pid, _ in processes_of(tmp_path)
        if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    os.kill(min(servers), signal.SIGKILL)  # the one that started the others

    def healed() -> bool:
        try:
            answers = httpx.get(f"{second.url}/livez", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
        now = {pid for pid, _ in processes_of(tmp_path)}
        return answers and not now & set(servers)

    assert wait_for(healed, "the web server is back, and nothing of the old one is left")

    another = run_demo("--port", str(free_port()), home=tmp_path)
    assert another.returncode == 1
    assert "already" in another.stderr

    process.kill()  # no chance to clean up
    process.wait()
    assert wait_for(lambda: not processes_of(tmp_path), "everything is gone", 60)


def test_a_port_that_is_taken_is_told_before_the_work(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = run_demo("--port", port, home=tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert f"port {port} can't be used" in answer.stderr
    assert not (tmp_path / "sample").exists()
    assert wait_for(lambda: not processes_of(tmp_path), "everything is gone")


def test_a_folder_without_products_is_told_before_the_work(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    answer = run_demo("--data", str(tmp_path / "empty"), home=tmp_path / "home")
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "holds no *.products.jsonl.gz" in answer.stderr
