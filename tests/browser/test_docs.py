"""The reference in a real browser, offline: Swagger UI shows every operation."""

import shutil
import subprocess

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# No sandbox (root in a container has none to use) and no traffic of the browser's own.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=20000", "--window-size=1400,2400",
]  # fmt: skip


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_swagger_ui_shows_the_operations(live_server, tmp_path):
    page = subprocess.run(
        [
            str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path}",
            f"--screenshot={tmp_path}/docs.png", "--dump-dom", f"{live_server.url}/v1/docs",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout  # fmt: skip
    assert "Storefront API" in page
    for operation in ("search_products", "send_events", "get_recommendations", "list_products"):
        assert f"operations-{operation.split('_')[1]}" in page or operation in page
    assert "Failed to load" not in page
