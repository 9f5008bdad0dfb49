"""Power cuts: of what was not synced, anything may be gone, and no promise with it."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from infrastructure.verification import verify
from tests.faults import journal, shim
from tests.faults.disk import Disk
from tests.faults.journal import Mark, Operation
from tests.faults.promises import Promises, shown

CUTS: Final = int(os.environ.get("CUTS", "150"))
SEED: Final = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
MUTANT_CUTS: Final = 40
"""In which a missing sync has to show itself."""


@dataclass(frozen=True)
class Recording:
    """A run that came to its end; the data folder is `root / "srv" / "data"`."""

    root: Path
    operations: list[Operation]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=shim.MEMORY) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def record(folder: Path) -> Callable[[str], Recording]:
    library = shim.compiled(folder)

    def recorded(mutant: str) -> Recording:
        root = folder / f"root-{mutant}"
        root.mkdir()
        data = root / "srv" / "data"
        shim.run(library, root, folder / f"journal-{mutant}", "tests.faults.recorded", str(data), mutant)
        return Recording(root, list(journal.read(folder / f"journal-{mutant}")))

    return recorded


def cuts(recording: Recording, count: int, folder: Path) -> Iterator[list[str]]:
    """What is wrong after each of so many power cuts."""
    rng = random.Random(SEED)
    moments = sorted(rng.randrange(len(recording.operations)) for _ in range(count))
    disk, promises, done = Disk(recording.root), Promises(), 0
    for moment in moments:
        for operation in recording.operations[done:moment]:
            disk.take(operation)
            if isinstance(operation, Mark):
                promises.take(operation.text)
        done = moment
        with tempfile.TemporaryDirectory(dir=folder) as after:
            disk.after_a_cut(rng, Path(after))
            yield [f"cut at {moment}: {what}" for what in broken(Path(after) / "srv" / "data", promises)]


def broken(folder: Path, promises: Promises) -> list[str]:
    """What a start on this folder makes of it, against what it should."""
    try:
        images = asyncio.run(shown(folder))
    except Exception as error:  # whatever it is, the store did not open
        return [f"{type(error).__name__}: {error}"]
    return [*promises.broken(images), *map(str, verify(folder))]


def test_the_recording_is_complete(record: Callable[[str], Recording], folder: Path) -> None:
    """Played back with everything synced, it makes the folder that was left, byte for byte."""
    recording = record("")
    disk = Disk(recording.root)
    for operation in recording.operations:
        disk.take(operation)
    disk.sync()
    copy = folder / "copy"
    copy.mkdir()
    disk.after_a_cut(random.Random(0), copy)
    assert files(copy) == files(recording.root)
    assert len(files(copy)) > 3 + 12


def files(root: Path) -> dict[Path, bytes | None]:
    return {path.relative_to(root): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


def test_no_power_cut_breaks_a_promise(
    record: Callable[[str], Recording], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was acknowledged is there and whole, what was begun is there or not, and the store goes on."""
    with capsys.disabled():
        print(f"\n{CUTS} cuts, SEED={SEED}")
    wrong = [found for found in cuts(record("whole"), CUTS, folder) if found]
    assert wrong == []


@pytest.mark.parametrize("mutant", ["blob", "folder", "log", "keys"])
def test_without_any_one_of_the_syncs_a_promise_is_broken(
    record: Callable[[str], Recording], folder: Path, mutant: str
) -> None:
    """That of the original's bytes, that of its name's folder, those of log and keys: each is missed."""
    assert any(cuts(record(mutant), MUTANT_CUTS, folder))
