"""However a file is broken, it is refused politely, or said to be damaged, or decoded as announced."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Final

COUNT: Final = int(os.environ.get("FUZZ", "20000"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "1"))


async def test_twenty_thousand_broken_files_do_no_harm(tmp_path: Path) -> None:
    """In a process of its own: what takes it down has a number."""
    at = tmp_path / "at"
    command = ("-m", "tests.fuzz", "--count", str(COUNT), "--seed", str(SEED), "--at", str(at))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, complaint = await process.communicate()
    where = f"--seed {SEED} --only {at.read_text()}" if at.exists() else "at the start"
    assert told, f"the process ended with {process.returncode} at {where}: {complaint.decode()[-2000:]}"
    result = json.loads(told)
    assert result["findings"] == []
    assert set(result["fates"]) == {"refused", "damaged", "decoded"}
    assert sum(result["fates"].values()) == COUNT
