"""The tour that the demo prints works as it stands."""

import json
import re
import shlex
import shutil
import subprocess

import httpx
import pytest

from tests.pipeline.conftest import Storefront


def lines(storefront: Storefront) -> list[str]:
    found = [line for line in storefront.output.splitlines() if line.startswith("curl ")]
    assert len(found) >= 12
    return found


def run_with_curl(line: str) -> tuple[int, str]:
    command = f"{line} -w '\\n%{{http_code}}'"
    output = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=True, timeout=30
    ).stdout
    body, _, status = output.rpartition("\n")
    return int(status), body


def run_with_httpx(line: str) -> tuple[int, str]:
    parts = shlex.split(line)[1:]
    headers, body, method = {}, None, "GET"
    options = iter(parts)
    for option in options:
        if option == "-H":
            name, value = next(options).split(": ", 1)
            headers[name] = value
        elif option == "-d":
            body, method = next(options), "POST"
        elif option == "-X":
            method = next(options)
        elif option != "-s":
            url = option
    answer = httpx.request(method, url, headers=headers, content=body, timeout=30)
    return answer.status_code, answer.text


def test_every_curl_line_answers_with_content(storefront: Storefront):
    run = run_with_curl if shutil.which("curl") else run_with_httpx
    for line in lines(storefront):
        status, body = run(line)
        assert status in {200, 201}, f"{line}\n{status}\n{body[:500]}"
        if "openapi.yaml" in line:
            assert body.startswith("openapi:")
            continue
        content = json.loads(body)
        if "results" in content:
            assert content["results"], line
        if "/v1/events" in line:
            assert (content["stored"] or content["duplicate"]) == 1


def test_the_first_search_result_is_what_was_searched_for(storefront: Storefront):
    with storefront.client() as client:
        for query, words in (
            ("waterproof jacket", ("Jacket", "Shell", "Coat")),
            ("wireless headphones for running", ("Headphones", "Earbuds")),
            ("stainless steel pan", ("Pan", "Skillet")),
        ):
            results = client.get("/v1/search", params={"q": query, "limit": 5}).json()["results"]
            assert any(word in results[0]["product"]["title"] for word in words), query


def test_everything_is_well_when_it_says_ready(storefront: Storefront):
    checks = httpx.get(f"{storefront.url}/readyz").json()["checks"]
    assert {name: check["status"] for name, check in checks.items()} == dict.fromkeys(checks, "ok")
    assert "note:" not in storefront.output


def test_products_are_suggested_when_it_says_ready(storefront: Storefront):
    with storefront.client() as client:
        body = client.get("/v1/search/suggestions", params={"q": "jac"}).json()
    assert any("Jacket" in product["title"] for product in body["products"])


def test_the_keys_are_for_their_owner_only(storefront: Storefront):
    assert (storefront.home / "demo-keys.json").stat().st_mode & 0o777 == 0o600
    assert storefront.keys["publishable"].startswith("pk_")
    assert storefront.keys["secret"].startswith("sk_")


def test_the_admin_login_works(storefront: Storefront):
    printed = re.search(r"^admin +(\S+) +(\S+) / (\S+)$", storefront.output, re.MULTILINE)
    assert printed
    address, username, password = printed.groups()
    with httpx.Client(follow_redirects=True) as browser:
        browser.get(address)
        form = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        page = browser.post(
            f"{address}login/?next=/admin/", data=form, headers={"Referer": address}
        )
    assert page.status_code == 200
    assert "Log out" in page.text


def test_the_reference_is_served(storefront: Storefront):
    assert "swagger" in httpx.get(f"{storefront.url}/v1/docs").text.lower()


@pytest.mark.parametrize("program", ["web", "worker-fast", "worker-pipeline", "beat"])
def test_every_program_logs_to_the_data_folder(storefront: Storefront, program):
    assert (storefront.home / "logs" / f"{program}.log").exists()
