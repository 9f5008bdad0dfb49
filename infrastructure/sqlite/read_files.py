"""The read files of a data folder: `read-<generation>.db`, and one that is in the making."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(read-(\d+)\.db)(\.part)?(-wal|-shm|-journal)?")
_BESIDE: Final = ("", "-wal", "-shm", "-journal")


def existing(folder: Path) -> list[Path]:
    """All that are whole, the newest first."""
    whole = {folder / match[1] for match in _found(folder) if match[0] == match[1]}
    return sorted(whole, key=generation, reverse=True)


def following(folder: Path) -> Path:
    """The name of the next generation, which no file has."""
    return folder / f"read-{max((int(match[2]) for match in _found(folder)), default=0) + 1}.db"


def generation(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    assert match is not None  # noqa: S101  (all our names are made here)
    return int(match[2])


def part(path: Path) -> Path:
    """What a read file is called until it is whole."""
    return path.with_name(f"{path.name}.part")


def complete(path: Path) -> None:
    """Give a file that was in the making, and is on the disk, its name."""
    part(path).rename(path)
    _sync(path.parent)


def remove(*paths: Path) -> None:
    """With what SQLite keeps beside them; when this returns they are gone for good."""
    for path in paths:
        for suffix in _BESIDE:
            Path(f"{path}{suffix}").unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        _sync(folder)


def sweep(folder: Path, keep: Path) -> None:
    """Remove all but one, and whatever was in the making."""
    remove(*{folder / (match[1] + (match[3] or "")) for match in _found(folder)} - {keep})


def _found(folder: Path) -> Iterator[re.Match[str]]:
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match is not None:
            yield match


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
