"""Image servers to compare with, and photographs, fetched once into a folder of the environment."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.servers import ROOT, Server, free_port, running

FOLDER: Final = ROOT / ".venv" / "bench"
IPX: Final = ("ipx@3.1.1", "sharp@0.34.5")
THUMBOR: Final = "thumbor==7.8.0"
WALLPAPERS: Final = ("lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04")
"""Debian's packages of camera photographs, CC-BY and CC-BY-SA."""


class NotToBeHad(Exception):
    """A peer or its photographs cannot be fetched on this machine."""


async def fetched() -> None:
    """Everything is there. Raises NotToBeHad."""
    await asyncio.to_thread(_fetch)


@asynccontextmanager
async def ipx(photographs: Path) -> AsyncIterator[Server]:
    """Without cache, as it is; sharp works in as many threads as there are cores."""
    port = free_port()
    command = ["node", str(FOLDER / "node_modules/.bin/ipx"), "serve", "--dir", str(photographs)]
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1", "NODE_ENV": "production"}
    async with running(command, port, "/", environment) as server:
        yield server


@asynccontextmanager
async def thumbor(photographs: Path) -> AsyncIterator[Server]:
    """As many processes as there are cores, nothing stored."""
    port = free_port()
    settings = FOLDER / f"thumbor-{port}.conf"
    settings.write_text(
        f"LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = {str(photographs)!r}\n"
        "STORAGE = 'thumbor.storages.no_storage'\nRESULT_STORAGE = None\nQUALITY = 80\n"
        "ALLOW_UNSAFE_URL = True\n"
    )
    command = [str(FOLDER / "thumbor/bin/thumbor"), "--port", str(port), "--ip", "127.0.0.1"]
    command += ["--conf", str(settings), "--processes", str(os.cpu_count() or 1)]
    async with running(command, port, "/healthcheck", dict(os.environ)) as server:
        yield server


def photographs() -> list[Path]:
    """JPEGs of 6 MP and more, the largest first."""
    found = (FOLDER / "photographs").rglob("*.jpg")
    return sorted(found, key=lambda path: path.stat().st_size, reverse=True)


def _fetch() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "node_modules/ipx").exists():
        _run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), *IPX)
    if not (FOLDER / "thumbor/bin/thumbor").exists():
        _run(sys.executable, "-m", "venv", str(FOLDER / "thumbor"))
        _run(str(FOLDER / "thumbor/bin/pip"), "install", "--quiet", THUMBOR)
    if not (FOLDER / "photographs").exists():
        _run("apt-get", "download", *WALLPAPERS)
        for package in FOLDER.glob("lomiri-*.deb"):
            _run("dpkg", "-x", str(package), str(FOLDER / "photographs"))


def _run(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise NotToBeHad(f"There is no {program} here.")
    done = subprocess.run([path, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotToBeHad(f"{program} {' '.join(arguments)}: {done.stderr[-500:]}")
