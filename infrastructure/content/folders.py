"""Folders that are made when they are needed, and whose names last."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from infrastructure.content.disk import Disk

T = TypeVar("T")


class Folders:
    """The folders below a root. The root's own name is the business of whoever made it.

    A name lasts once the folder that holds it has been synced (fsync(2)), and that holds for the
    names of folders too. That a folder exists says nothing: another thread, or a process that was
    killed, may have made it a moment ago. So its way up to the root is synced once in the life of
    this object, and only then remembered.
    """

    def __init__(self, root: Path, disk: Disk) -> None:
        self._root = root
        self._disk = disk
        self._lasting: set[Path] = set()

    def make(self, folder: Path) -> None:
        """Make a folder and what is missing above it."""
        try:
            self._disk.make_folder(folder)
        except FileNotFoundError:
            self.make(folder.parent)
            self._disk.make_folder(folder)

    def within(self, folder: Path, act: Callable[[], T]) -> T:
        """Do what needs a folder, which is made only where that fails: nearly always it is there."""
        try:
            return act()
        except FileNotFoundError:
            self.make(folder)
            return act()

    def sync(self, folder: Path) -> None:
        """Make the names in a folder last, and the folder itself."""
        self._disk.fsync_folder(folder)
        if folder != self._root and folder not in self._lasting:
            self.sync(folder.parent)
            self._lasting.add(folder)
