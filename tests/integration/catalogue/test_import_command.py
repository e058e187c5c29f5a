"""`import_products FILE`: one clear line for a file that can't be read, and a summary."""

import gzip
import io
import json
import os
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalogue.models import Product
from tests.factories.product_lines import product, variant

pytestmark = pytest.mark.django_db

LINES = "\n".join(json.dumps(p) for p in (
    product("a"), product("b", variants=[variant("b")]), product("c", variants=[variant("c")]),
)).encode()  # fmt: skip


def run(file, *options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_products", str(file), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.jsonl", LINES),
        ("p.jsonl", LINES + b"\n\n  \n"),
        ("p.jsonl", b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n")),
        ("p.jsonl.gz", gzip.compress(LINES, mtime=0)),
        ("gzip by its first bytes", gzip.compress(LINES, mtime=0)),
    ],
)
def test_files_of_lines(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    out, err = run(tmp_path / name)
    assert out == "3 products created, 0 updated, 0 unchanged\n"
    assert err == ""


@pytest.mark.parametrize("content", [LINES, gzip.compress(LINES, mtime=0)])
def test_standard_input(content, monkeypatch, tmp_path):
    (tmp_path / "piped").write_bytes(content)
    with (tmp_path / "piped").open() as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        assert run("-")[0].startswith("3 products created")


CUT = gzip.compress(b"\n".join(
    json.dumps(product(f"p{n}", variants=[variant(f"s{n}")])).encode() for n in range(50)
), mtime=0)[:200]  # fmt: skip


@pytest.mark.parametrize("mode", ["abort", "skip"])
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.jsonl", b"", "is empty"),
        ("blank.jsonl", b"\n \n", "is empty"),
        ("empty.jsonl.gz", b"", "is empty"),
        ("empty.jsonl.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("cut.jsonl.gz", CUT, "is cut short"),
        ("plain.jsonl.gz", LINES, "is not a gzip file"),
        ("damaged.jsonl.gz", CUT[:60] + b"xxxx" + CUT[64:], "is not a gzip file"),
        ("garbage.jsonl", b"5eed" + b"\xff\xfe\n\x00", "JSON|UTF-8"),
        ("endless.jsonl", b"x" * (8 * 1024 * 1024 + 2), "over 8 MiB"),
    ],
)
def test_what_can_not_be_read_is_one_clear_line(name, content, says, mode, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=says) as error:
        run(tmp_path / name, "--on-error", mode)
    assert "\n" not in str(error.value)
    assert not Product.objects.exists()


def test_what_is_no_file(tmp_path):
    with pytest.raises(CommandError, match="is a folder"):
        run(tmp_path)
    with pytest.raises(CommandError, match="there is no such file"):
        run(tmp_path / "nothing.jsonl")
    with pytest.raises(CommandError, match="can't be read"):
        run("nul\0byte.jsonl")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    (tmp_path / "secret.jsonl").write_bytes(LINES)
    (tmp_path / "secret.jsonl").chmod(0)
    with pytest.raises(CommandError, match="can't be read: Permission denied"):
        run(tmp_path / "secret.jsonl")


def test_a_wrong_line_is_named_and_aborts(tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_bytes(LINES + b'\n{"id": "d", "colour": 1}')
    with pytest.raises(CommandError) as error:
        run(file)
    assert str(error.value).startswith(f"{file}, line 4, /colour: unknown field. Known: id, title")
    assert str(error.value).endswith("Nothing of the file was stored.")
    assert not Product.objects.exists()


def test_skip_names_each_wrong_line_and_sums_up(tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_bytes(b'{"id": "d", "colour": 1}\n' + LINES + b'\nnonsense\n{"id": "a"}')
    out, err = run(file, "--on-error", "skip")
    assert out == "3 products created, 0 updated, 1 unchanged; 2 of 6 lines left out\n"
    first, second, third = err.splitlines()
    assert first.startswith("left out line 1, /colour: unknown field.")
    assert second.startswith("left out line 5: not JSON")
    assert third == "line 6: product 'a' is on line 2 already; the later wins"


SHARED = Path(
    os.environ.get("STOREFRONT_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")
)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
def test_real_catalogues_are_imported_whole():
    for file in sorted(SHARED.glob("*.products.jsonl.gz")):
        run(file)
    assert Product.objects.published().count() == 16_706
    assert "0 products created, 0 updated" in run(SHARED / "electronics.products.jsonl.gz")[0]
