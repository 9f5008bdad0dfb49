"""A data folder belongs to one process at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from infrastructure.content.disk import Disk


class DataFolderUnusable(Exception):
    """This data folder can be neither made nor opened."""


class DataFolderInUse(DataFolderUnusable):
    """Another process has this data folder open."""


def lock(folder: Path) -> int:
    """Hold the folder, which is made where it is missing, until the descriptor is closed, be it by the end
    of the process. Raises DataFolderUnusable, and DataFolderInUse, which is one."""
    try:
        _make(folder)
        descriptor = os.open(folder / "darkroom.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataFolderUnusable(f"The data folder {folder} cannot be used: {error.strerror}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        os.close(descriptor)
        raise DataFolderInUse(
            f"The data folder {folder} is in use by process {holder or 'unknown'}. Stop that one first, "
            "or give this one a folder of its own with DARKROOM_DATA."
        ) from None
    with suppress(OSError):  # a disk that is full: the lock holds without saying whose it is
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    return descriptor


def _make(folder: Path) -> None:
    """Make a data folder where it is missing, and its name last: with its name all would be lost.

    Its name is synced also where it is there: whoever made it may have been killed before.
    """
    missing = [path for path in folder.parents if not path.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (folder, *missing):
        with suppress(PermissionError):  # a folder that cannot be read is not one that we made
            Disk().fsync_folder(path.parent)
