"""Environments that hold what a test puts into them, and servers that run in them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from PIL import Image

from tests.server import Client

PATIENCE: Final = 60.0
PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check")
SETTLED: Final = "subscription ($after: Cursor) { renditionSettled(after: $after) { rendition { state } } }"


def clean(**values: str) -> dict[str, str]:
    """Our environment without what leads Python or Darkroom elsewhere, and these values."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DARKROOM_", "PYTHON", "VIRTUAL_ENV"))
    }
    return kept | values


class Environment:
    """A virtual environment without pip; this one's pip works on it, without any index."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=os.name != "nt")
        self.folder = folder
        self.bin = folder / "bin"
        self.packages = packages_of(folder)

    def see_our_packages(self) -> None:
        """What is installed where the tests run can be imported here too, after what is here itself."""
        ours = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (self.packages / "ours.pth").write_text("\n".join(sorted(ours)))

    def install(self, wheel: Path) -> None:
        self._pip("install", "--no-index", "--no-deps", str(wheel))

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", "--yes", name)

    def run(self, command: str, *arguments: str) -> str:
        """What one of its commands prints. Raises CalledProcessError."""
        return call([str(self.bin / command), *arguments], self.folder)

    def _pip(self, *arguments: str) -> None:
        call([*PIP, "--python", str(self.bin / "python"), *arguments], self.folder)


def packages_of(environment: Path) -> Path:
    """Where an environment keeps its packages."""
    return next((environment / "lib").glob("python*/site-packages"))


def link_package(name: str, packages: Path) -> None:
    """Make an installed distribution, and no other, be there among these packages as well."""
    files = distribution(name).files
    assert files is not None, name
    for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
        target = packages / top
        if not target.exists():
            target.symlink_to(Path(str(distribution(name).locate_file(top))))


def call(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints. Raises CalledProcessError, whose notes are what it said."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment or clean(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    try:
        done.check_returncode()
    except subprocess.CalledProcessError as error:
        error.add_note(done.stdout + done.stderr)
        raise
    return done.stdout


@dataclass(slots=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Iterator[Served]:
    """A server from the moment that it says its address, until the end of the context."""
    with (
        (folder / "stderr").open("w+") as told,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):
        too_late = threading.Timer(PATIENCE, process.kill)
        too_late.start()
        try:
            assert process.stdout is not None
            yield Served(_address(process.stdout, told), process)
        finally:
            too_late.cancel()
            process.kill()


def _address(said: IO[str], told: IO[str]) -> str:
    for line in said:
        if "client" in line:
            return line.split()[-1].rstrip("/")
    told.seek(0)
    raise AssertionError(f"It ended without a word about its address: {told.read()}")


async def upload_and_render(url: str) -> str:
    """The state in which the rendition of a new picture has ended."""
    picture = BytesIO()
    Image.linear_gradient("L").save(picture, "PNG")
    client = Client(url)
    try:
        payload = await client.upload(picture.getvalue(), "gradient.png", presets=["thumbnail"])
        assert payload["userErrors"] == []
        told = client.subscribe(SETTLED, after=payload["position"])
        async with asyncio.timeout(PATIENCE), aclosing(told):
            return str((await anext(told))["renditionSettled"]["rendition"]["state"])
    finally:
        await client.close()
