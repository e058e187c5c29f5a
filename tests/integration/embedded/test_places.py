"""Any folder will do: deep, long, oddly named, closed to others; run by root or by anybody."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import environ
import psycopg
import pytest
import redis
from kombu import Connection

from api.embedded import EmbeddedServicesError, Services
from api.embedded.binaries import POSTGRES_WHEEL
from tests.integration.embedded.conftest import REPOSITORY, all_stopped, query

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try this")


@pytest.fixture
def place(home, made_home):
    """Services in a folder below `home`, to which the cluster is lent."""
    cluster = made_home / "postgres"
    lent = []

    def lend(name):
        folder = home / name
        folder.mkdir()
        cluster.rename(folder / "postgres")
        lent.append(Services(folder, durable=False))
        return lent[-1]

    yield lend
    for services in lent:
        services.stop()
        (services.home / "postgres").rename(cluster)


def footprint(folder):
    """What a start must not change in a folder and those above it."""
    seen = [path.stat() for path in (folder, *folder.parents)]
    return [(entry.st_mode, entry.st_uid, entry.st_gid) for entry in seen]


def accounts():
    return Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()


def test_two_folders_side_by_side_do_not_collide(place, new_services):
    one, two = place("one"), new_services
    with one.lease(), two.lease():
        query(two, "CREATE TABLE only_here (id int)")
        assert query(one, "SELECT to_regclass('only_here')") is None
        assert query(two, "SELECT to_regclass('only_here')::text") == "only_here"
    assert all_stopped(one)
    assert all_stopped(two)


@pytest.mark.parametrize("name", ["Größe & 100% +plus", "one, two", "x" * 150])
def test_every_client_finds_the_sockets_whatever_the_path(place, name):
    services = place(name)
    with services.lease():
        assert query(services, "SELECT 1") == 1
        settings = environ.Env.db_url_config(services.database_url)
        options = {"dbname": settings["NAME"], "user": settings["USER"], **settings["OPTIONS"]}
        with psycopg.connect(**options) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(services.cache_url) as cache:
            assert cache.ping()
        with Connection(services.broker_url) as broker:
            assert broker.default_channel.client.connection_pool.connection_kwargs["db"] == 1
    assert all_stopped(services)
    assert not services.layout.temporary.exists()


def test_a_long_path_has_its_sockets_in_a_short_private_folder(place):
    services = place("x" * 150)
    assert services.layout.sockets.parent == services.layout.temporary
    with services.lease():
        assert stat.S_IMODE(services.layout.temporary.stat().st_mode) == 0o711
        assert stat.S_IMODE(services.layout.postgres_sockets.stat().st_mode) == 0o700


def test_a_short_folder_that_somebody_else_has_taken_is_refused(place, tmp_path):
    services = place("x" * 150)
    services.layout.temporary.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedServicesError, match="is not ours; remove it"):
            services.start()
    finally:
        services.layout.temporary.unlink(missing_ok=True)
    assert not list(tmp_path.iterdir())


@as_root
def test_below_a_folder_closed_to_others_nothing_outside_changes(home):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    services = Services(closed / "some" / "deep" / "path", durable=False)
    services.home.parent.mkdir(parents=True)
    before = footprint(services.home.parent), accounts(), footprint(REPOSITORY)
    with services.lease():
        assert query(services, "CREATE EXTENSION vector") is None
        assert query(services, "SELECT '[1,2]'::vector::text") == "[1,2]"
    assert (footprint(services.home.parent), accounts(), footprint(REPOSITORY)) == before
    assert all_stopped(services)


@as_root
def test_programs_that_the_server_cannot_reach_are_copied(place, home, monkeypatch):
    wheels = home / "wheels"
    wheels.mkdir(mode=0o700)
    package = Path(find_spec(POSTGRES_WHEEL).origin).parent
    for name in (POSTGRES_WHEEL, f"{POSTGRES_WHEEL}.libs"):
        ignore = shutil.ignore_patterns("pginstall", "include", "*.a")
        shutil.copytree(package.parent / name, wheels / name, ignore=ignore)
    monkeypatch.setenv("PYTHONPATH", str(wheels))
    services = place("open")
    home.chmod(0o755)
    with services.lease():
        programs = Path(f"/proc/{services.pid('postgres')}/exe").readlink()
        assert programs.is_relative_to(services.home / "postgres" / "programs")
        assert query(services, "SELECT 1") == 1
    services.home.chmod(0o700)
    with services.lease():
        programs = Path(f"/proc/{services.pid('postgres')}/exe").readlink()
        assert programs.is_relative_to(services.layout.temporary)
    assert not services.layout.temporary.exists()


@as_root
def test_as_root_the_server_runs_as_the_owner_of_its_cluster(place):
    services = place("owned")
    usual = services.layout.data.stat().st_uid
    subprocess.run(["chown", "-R", "1", services.layout.data], check=True)
    with services.lease():
        assert Path(f"/proc/{services.pid('postgres')}").stat().st_uid == 1
        assert query(services, "SELECT 1") == 1
    subprocess.run(["chown", "-R", str(usual), services.layout.data], check=True)


AS_USER = """
import os, sys
from pathlib import Path
import psycopg
from api.embedded import Services
services = Services(Path(sys.argv[1]), durable=False)
with services.lease():
    with psycopg.connect(services.database_url) as connection:
        print(os.geteuid(), *connection.execute("SELECT 40 + 2").fetchone())
assert not services.status().running
"""


@as_root
def test_an_ordinary_user_runs_them_as_well():
    user = next(entry for entry in pwd.getpwall() if entry.pw_uid not in {0, 65534})
    python = next((name for name in (sys.executable, "/usr/bin/python3") if runs(name, user)), None)
    if python is None:
        pytest.skip("no Python that an ordinary user could run")
    folder = Path(tempfile.mkdtemp(prefix="storefront-user-"))
    os.chown(folder, user.pw_uid, user.pw_gid)
    packages = str(Path(psycopg.__file__).parent.parent)
    try:
        done = subprocess.run(
            [python, "-c", AS_USER, folder / 'it\'s a "home"'],
            user=user.pw_uid,
            group=user.pw_gid,
            extra_groups=[],
            cwd=REPOSITORY,
            env={"PATH": os.defpath, "PYTHONPATH": f"{REPOSITORY}:{packages}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (f"{user.pw_uid} 42\n", "")
        owners = {path.stat().st_uid for path in folder.rglob("*")}
        assert owners == {user.pw_uid}
    finally:
        shutil.rmtree(folder)


def runs(python, user):
    check = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(check, user=user.pw_uid, check=False).returncode == 0
    except OSError:
        return False


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    services = Services(tmp_path / "file" / "home")
    with pytest.raises(EmbeddedServicesError, match="file/home can't be used: Not a directory"):
        services.start()
