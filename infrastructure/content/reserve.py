"""The part of the disk that is left free, and what is said when the rest is used up."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from domain.errors import StorageFull
from infrastructure.content.disk import Disk

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class Reserve:
    """Bytes that content leaves free for the log, which must still be able to say what happened."""

    def __init__(self, byte_size: int, folder: Path, disk: Disk) -> None:
        self._byte_size = byte_size
        self._folder = folder
        self._disk = disk

    def admit(self, byte_size: int) -> None:
        """Raises StorageFull where so many bytes more would eat into the reserve."""
        if self._disk.free(self._folder) - byte_size < self._byte_size:
            raise _storage_full()


@contextmanager
def refusing_when_full() -> Iterator[None]:
    """Turn the two errors of a full disk or quota into StorageFull; all others are faults."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _storage_full() from error
        raise


def _storage_full() -> StorageFull:
    return StorageFull("The storage of this server is full. Nothing was kept; try again later.")
