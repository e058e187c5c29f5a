"""Where compiled code is kept, and what becomes of it when its files break."""

import errno
import importlib.util
import sys

import pytest
from numba.core import caching, config

from recommendations.algorithms import compiled

SOURCE = """
from recommendations.algorithms.compiled import compiled

@compiled
def double(number):
    return {factor} * number
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Load a module with one loop, as a new process does."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    # Python's own cache can't tell sources of one second and size apart.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / "loops.py"

    def load(factor=2):
        path.write_text(SOURCE.format(factor=factor))
        spec = importlib.util.spec_from_file_location("loops", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.double

    return load


@pytest.fixture
def kept(tmp_path, start):
    """The files of a cache that holds the loop."""
    assert start()(4) == 8
    return tmp_path / "__pycache__"


def found(double):
    """Whether `double` is right, and was found compiled."""
    assert double(4) == 8
    return bool(double.stats.cache_hits)


def fill_disk(monkeypatch, *, written):
    """Leave room for the first `written` files only."""
    write, opened = caching.IndexDataCacheFile._open_for_write, []

    def refuse(self, path):
        opened.append(path)
        if len(opened) > written:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, path)

    monkeypatch.setattr(caching.IndexDataCacheFile, "_open_for_write", refuse)


def test_the_next_process_finds_what_one_compiled(start, kept):
    assert found(start())


@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("part", [0, 0.5], ids=["emptied", "cut"])
def test_a_broken_file_is_compiled_anew_and_repaired(start, kept, pattern, part):
    (file,) = kept.glob(pattern)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * part)])
    assert not found(start())
    assert found(start())


def test_an_index_that_breaks_while_a_loop_is_compiled_is_repaired(start, kept, monkeypatch):
    (index,) = kept.glob("*.nbi")
    double = start()
    load = caching.FunctionCache.load_overload

    def break_after(self, sig, context):
        assert load(self, sig, context) is not None
        index.write_bytes(b"")

    with monkeypatch.context() as patched:
        patched.setattr(caching.FunctionCache, "load_overload", break_after)
        assert not found(double)
    assert not found(start())
    assert found(start())


def test_a_full_disk_is_no_reason_to_fail(start, monkeypatch):
    with monkeypatch.context() as patched:
        fill_disk(patched, written=0)
        assert not found(start())
        assert not found(start())
    assert not found(start())
    assert found(start())


def test_code_of_an_older_source_is_not_taken_for_what_a_full_disk_did_not_keep(
    start, kept, monkeypatch
):
    with monkeypatch.context() as patched:
        fill_disk(patched, written=1)
        assert start(factor=3)(4) == 12
    assert start(factor=3)(4) == 12


def test_files_that_can_not_be_removed_are_no_reason_to_fail(start, kept, caplog):
    (index,) = kept.glob("*.nbi")
    index.unlink()
    index.mkdir()
    assert not found(start())
    assert "can't be removed" in caplog.text


def test_where_code_can_not_be_kept_each_process_makes_its_own(monkeypatch):
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    def double(number):
        return 2 * number

    assert compiled.compiled(double)(4) == 8
