"""Free space, and how much of it is left to those who need it most."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

RESERVE_BYTES: Final = 32 * 1024 * 1024
"""Free space that appends leave on the disk, so that what is running can still finish."""


def free_bytes(folder: Path) -> int:
    space = os.statvfs(folder)
    return space.f_bavail * space.f_frsize
