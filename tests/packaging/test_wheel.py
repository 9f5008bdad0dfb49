"""The wheel, installed beside PyPI's `gql`, whose top-level package is called as one of ours."""

from __future__ import annotations

import asyncio
import sys
import urllib.request
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from subprocess import CalledProcessError
from zipfile import ZipFile

import pytest

from tests.packaging.environments import Environment, call, clean, serving, upload_and_render
from tests.packaging.tree import ROOT, committed

PACKAGES = ("domain", "gql", "infrastructure", "static")

# A stand-in: the real one pins graphql-core, and would hold ours back for the sake of this test.
THE_OTHER_GQL = {
    "gql/__init__.py": "from .client import Client\n",
    "gql/client.py": "class Client:\n    pass\n",
    "gql/utilities/__init__.py": "",
    "gql-4.4.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: gql\nVersion: 4.4.0\n",
    "gql-4.4.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    call([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder)], ROOT)
    return next(folder.glob("darkroom-*.whl"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel as PyPI's gql is one."""
    path = tmp_path_factory.mktemp("other") / "gql-4.4.0-py3-none-any.whl"
    record = "gql-4.4.0.dist-info/RECORD"
    with ZipFile(path, "w") as archive:
        for name, content in THE_OTHER_GQL.items():
            archive.writestr(name, content)
        archive.writestr(record, "".join(f"{name},,\n" for name in [*THE_OTHER_GQL, record]))
    return path


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    environment = Environment(tmp_path / "environment")
    environment.see_our_packages()
    return environment


def test_the_wheel_holds_the_packages_under_one_folder_and_nothing_else(wheel: Path) -> None:
    """Every file that a clone has of them, and no test."""
    expected = {f"darkroom_app/{name}" for name in committed(*PACKAGES)} | {"darkroom.py"}
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_wheel_names_its_command_and_every_licence(wheel: Path) -> None:
    """Ours, and that of each library that the pages bring along."""
    with ZipFile(wheel) as archive:
        names = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
        metadata = message_from_bytes(archive.read(names["METADATA"]))
        commands = archive.read(names["entry_points.txt"]).decode()
    vendored = [name for name in committed("static") if Path(name).name.startswith("LICENSE")]
    assert "darkroom = darkroom:main" in commands
    assert metadata["License-Expression"] == "MIT"
    assert sorted(_all(metadata, "License-File")) == sorted(["LICENSE", *vendored])


def test_ours_installed_last_works_and_outlives_the_other(
    environment: Environment, wheel: Path, other: Path
) -> None:
    """Neither package's files are touched by the other."""
    environment.install(other)
    environment.install(wheel)
    assert _ours_works(environment)
    assert _other_works(environment)
    environment.uninstall("gql")
    assert _ours_works(environment)
    assert not _other_works(environment)


def test_ours_installed_first_works_and_leaves_the_other_whole(
    environment: Environment, wheel: Path, other: Path
) -> None:
    """Uninstalled, it leaves nothing behind."""
    environment.install(wheel)
    environment.install(other)
    assert _ours_works(environment)
    assert _other_works(environment)
    environment.uninstall("darkroom")
    assert _other_works(environment)
    left = [
        path.relative_to(environment.packages) for path in environment.packages.rglob("*") if path.is_file()
    ]
    assert [path for path in left if "darkroom" in str(path)] == []


def test_the_installed_command_serves_pages_and_takes_uploads(
    environment: Environment, wheel: Path, other: Path, tmp_path: Path
) -> None:
    """From the wheel alone: the working folder is empty."""
    environment.install(other)
    environment.install(wheel)
    settings = clean(DARKROOM_DATA=str(tmp_path / "data"), DARKROOM_PORT="0")
    with serving([str(environment.bin / "darkroom"), "serve"], settings, tmp_path) as server:
        for page in ("/", "/graphiql"):
            with urllib.request.urlopen(server.url + page) as answer:  # noqa: S310
                assert answer.status == 200
        assert asyncio.run(upload_and_render(server.url)) == "READY"
        assert server.stop() == 0


def _ours_works(environment: Environment) -> bool:
    settings = environment.run("darkroom", "settings")
    schema = environment.run("darkroom", "schema")
    return "DARKROOM_DATA=" in settings and schema == (ROOT / "schema.graphql").read_text()


def _other_works(environment: Environment) -> bool:
    try:
        where = environment.run("python", "-c", "import gql, gql.client; print(gql.Client, gql.__file__)")
    except CalledProcessError:
        return False
    return str(environment.packages / "gql") in where


def _all(metadata: Message, name: str) -> list[str]:
    return list(metadata.get_all(name, []))
