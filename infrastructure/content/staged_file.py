"""A file in the staging area, on its way to its name or to nothing."""

import os
from pathlib import Path
from threading import Lock

from infrastructure.content.disk import Disk
from infrastructure.content.folders import Folders
from infrastructure.content.reserve import Reserve, refusing_when_full


class StagedFile:
    """Created by its first write, ended by `move` or `remove`. Blocks: for pool threads.

    A cancelled task may leave its last call running in a thread while the next call comes from
    another one; the lock puts them in order, whichever comes first. The file stays open from its
    first byte to its fsync: an error of the disk in between is told to descriptors that were open
    when it happened (fsync(2), NOTES of Linux), and might be missed by one opened later.
    """

    def __init__(self, path: Path, folders: Folders, reserve: Reserve, disk: Disk) -> None:
        self.path = path
        self._folders = folders
        self._reserve = reserve
        self._disk = disk
        self._lock = Lock()
        self._descriptor: int | None = None
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether there is nothing left in the staging area."""
        return self._ended

    def append(self, content: bytes | bytearray | memoryview) -> None:
        """Raises StorageFull."""
        with self._lock, memoryview(content) as view, refusing_when_full():
            descriptor = self._opened()
            self._reserve.admit(view.nbytes)
            self._disk.write(descriptor, view)

    def move(self, target: Path) -> None:
        """Make the bytes last, then give them their name; the name lasts when its folder is synced.

        fsync and not fdatasync: both write a new file's bytes, size and inode (on ext4 in one
        journal commit, so neither is faster), and fsync is there on every POSIX system. When it
        fails the kernel may take the lost pages for written, so that a second fsync would lie: the
        file is of no use then and is never synced again.
        """
        with self._lock:
            if self._descriptor is None:
                raise ValueError("The staged file is gone.")
            try:
                self._disk.fsync(self._descriptor)
            finally:
                self._close()
            self._folders.within(target.parent, lambda: self._disk.rename(self.path, target))
            self._ended = True

    def remove(self) -> None:
        """Leave nothing behind, unless the file was moved. May be repeated."""
        with self._lock:
            if self._ended:
                return
            self._close()
            self._disk.unlink(self.path)
            self._ended = True

    def _opened(self) -> int:
        if self._ended:
            raise ValueError("The staged file is gone.")
        if self._descriptor is None:
            self._descriptor = self._folders.within(self.path.parent, lambda: self._disk.create(self.path))
        return self._descriptor

    def _close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
