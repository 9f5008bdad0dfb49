"""A disk that fails for a moment, whatever it was doing: log, keys, read file and content alike."""

from __future__ import annotations

import errno
import os
import random
import tempfile
from pathlib import Path
from typing import Final

import pytest

from tests.faults import shim

STEP: Final = int(os.environ.get("FAULTS_STEP", "15"))
"""Of some 800 operations every so-manieth fails, each time another one of them; with 1 all do."""

ANY: Final = ""


@pytest.mark.parametrize(
    ("kind", "error", "length", "step"),
    [(ANY, errno.EIO, 1, STEP), (ANY, errno.ENOSPC, 3, STEP), ("sync", errno.EIO, 1, max(1, STEP // 5))],
    ids=["EIO", "ENOSPC", "sync"],
)
def test_after_any_fault_nothing_is_lost_and_all_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, error: int, length: int, step: int
) -> None:
    """What was refused is absent, also after a kill; asked again it is done; no staged file stays.

    At every write, truncation, sync, creation, renaming and removal of a file and every new folder, from
    the first start over an upload with two renditions, changes and a restart to a second upload.
    """
    first = random.SystemRandom().randint(1, step)
    with tempfile.TemporaryDirectory(dir=shim.MEMORY) as memory:
        root = Path(memory) / "root"
        root.mkdir()
        arguments = [str(root), kind, *map(str, (error, length, first, step))]
        told = shim.run(shim.compiled(tmp_path), root, None, "tests.faults.injected", *arguments)
    with capsys.disabled():
        print(f"\n{errno.errorcode[error]}, from operation {first} in steps of {step}: {told.strip()}")
