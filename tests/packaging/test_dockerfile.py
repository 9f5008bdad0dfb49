"""The image: every step of the Dockerfile is carried out, and what it would start is started."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from packaging.specifiers import SpecifierSet

from infrastructure.settings import Settings
from tests.packaging.dockerfile import Build, BuildError, instructions, make_context, sent_along
from tests.packaging.environments import Served, serving, upload_and_render
from tests.packaging.tree import ROOT, committed

DOCKERFILE: Final = (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    make_context(folder, ROOT, committed())
    return folder


@pytest.fixture(scope="module")
def build(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    build = Build(tmp_path_factory.mktemp("image"), context)
    build.carry_out(DOCKERFILE)
    return build


@pytest.fixture(scope="module")
def container(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """What the image starts, on loopback."""
    command = build.command([*build.image.entrypoint, *build.image.command])
    variables = build.variables(DARKROOM_HOST="127.0.0.1", DARKROOM_PORT=str(_free_port()))
    with serving(command, variables, tmp_path_factory.mktemp("work")) as server:
        yield server


def test_the_image_serves_uploads_and_keeps_them_in_its_volume(container: Served, build: Build) -> None:
    """What it starts is what the wheel installed, and nothing of the tree."""
    assert asyncio.run(upload_and_render(container.url)) == "READY"
    assert (build.root / "data" / "log.db").is_file()


def test_a_server_that_lives_is_healthy(container: Served, build: Build) -> None:
    """The health check runs as it stands there."""
    assert _health(build, container) == 0


def test_a_server_that_goes_by_another_name_is_healthy(build: Build, tmp_path: Path) -> None:
    """It does not know the name that the health check asks for, but it lives."""
    command = build.command([*build.image.entrypoint, *build.image.command])
    variables = build.variables(
        DARKROOM_HOST="127.0.0.1",
        DARKROOM_PORT=str(_free_port()),
        DARKROOM_DATA=str(tmp_path / "data"),
        DARKROOM_ALLOWED_HOSTS="photos.example",
    )
    with serving(command, variables, tmp_path) as server:
        assert _health(build, server) == 0


def test_a_health_check_of_another_path_would_fail(container: Served, build: Build) -> None:
    """So it does ask."""
    assert _health(build, container, path="/health/lively") != 0


def test_the_signal_to_stop_ends_the_server_and_its_health(build: Build, tmp_path: Path) -> None:
    """Nothing is left open: the log has been folded back into its file."""
    command = build.command([*build.image.entrypoint, *build.image.command])
    data = tmp_path / "data"
    variables = build.variables(
        DARKROOM_HOST="127.0.0.1", DARKROOM_PORT=str(_free_port()), DARKROOM_DATA=str(data)
    )
    with serving(command, variables, tmp_path) as server:
        assert _health(build, server) == 0
        assert server.stop(signal.Signals[build.image.stop_signal]) == 0
        assert _health(build, server) != 0
    assert not list(data.glob("*-wal"))


def test_the_other_commands_are_there_as_well(build: Build, tmp_path: Path) -> None:
    """`docker run darkroom settings`."""
    told = subprocess.run(
        build.command([*build.image.entrypoint, "settings"]),
        cwd=tmp_path, env=build.variables(), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert f"DARKROOM_DATA={build.root}/data" in told
    assert "DARKROOM_HOST=0.0.0.0" in told


def test_what_the_image_says_of_itself_is_what_darkroom_does(build: Build) -> None:
    """Port, folder and user."""
    image = build.image
    assert image.environment["DARKROOM_PORT"] == str(Settings().port)
    assert image.ports == [image.environment["DARKROOM_PORT"]]
    assert image.volumes == [image.environment["DARKROOM_DATA"]]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", image.user)


def test_the_volume_belongs_to_the_user_that_runs(build: Build) -> None:
    """A new volume takes its owner from the folder in the image."""
    user, group = build.image.user.split(":")
    made = next(step.value for step in instructions(DOCKERFILE) if step.value.startswith("install -d"))
    assert made == f"install -d -m 700 -o {user} -g {group} {build.image.volumes[0]}"
    assert (build.root / "data").is_dir()


def test_whoever_runs_the_image_may_read_all_of_it(build: Build) -> None:
    """The user is not the one that owns the files."""
    files = [path for path in (build.root / "opt").rglob("*") if not path.is_symlink()]
    assert files
    assert [path for path in files if path.stat().st_mode & 0o004 == 0] == []


def test_every_stage_has_one_python_that_darkroom_supports(build: Build) -> None:
    """What is compiled in one stage runs in the other."""
    bases = {image.base for image in build.images}
    assert len(bases) == 1
    found = re.fullmatch(r"python:(\d+\.\d+)-slim-\w+", bases.pop())
    assert found is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert found[1] in SpecifierSet(project["requires-python"])


def test_docker_is_sent_what_is_copied_and_no_more(context: Path) -> None:
    """Neither tests nor data nor history."""
    sent = {path.name for path in context.iterdir()}
    copied = {
        source.rstrip("/")
        for step in instructions(DOCKERFILE)
        if step.name == "COPY" and "--from" not in step.value
        for source in step.value.split()[:-1]
    }
    assert sent == copied


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("darkroom.py", True),
        ("static/client/index.html", True),
        ("domain/__pycache__/events.cpython-312.pyc", False),
        ("domain/operations/__pycache__/blur.cpython-312.pyc", False),
        ("data/log.db", False),
        (".git/config", False),
        ("tests/static/page.html", False),
    ],
)
def test_the_ignored_files_are_those_that_docker_ignores(name: str, sent: bool) -> None:
    """By its rules: patterns begin at the root, a folder's stand for what is in it, the last counts."""
    assert sent_along(name, (ROOT / ".dockerignore").read_text().splitlines()) is sent


def test_a_file_that_is_not_there_stops_the_build(context: Path, tmp_path: Path) -> None:
    """As a renamed one would."""
    shutil.copytree(context, tmp_path / "context")
    (tmp_path / "context" / "requirements.lock").unlink()
    with pytest.raises(BuildError, match=r"no requirements\.lock"):
        Build(tmp_path, tmp_path / "context").carry_out(DOCKERFILE)


def test_a_lock_that_lacks_a_package_stops_the_build(context: Path, tmp_path: Path) -> None:
    """Pip itself finds it out."""
    shutil.copytree(context, tmp_path / "context")
    lock = tmp_path / "context" / "requirements.lock"
    lock.write_text(re.sub(r"(?m)^h11==.*\\\n(?:    --hash.*\n)+", "", lock.read_text()))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        Build(tmp_path, tmp_path / "context").carry_out(DOCKERFILE)
    assert "h11" in caught.value.__notes__[0]


def _health(build: Build, server: Served, path: str = "/health/live") -> int:
    words = [word.replace("/health/live", path) for word in build.image.health]
    port = server.url.rpartition(":")[2]
    done = subprocess.run(
        build.command(words), env=build.variables(DARKROOM_PORT=port), capture_output=True, check=False
    )
    return done.returncode


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
