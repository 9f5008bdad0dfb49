"""A disk that keeps what was synced, and of the rest what it likes.

What POSIX promises, and not more: fsync of a file makes its content last, fsync of a folder the
names in it. Until then each write, each change of a size and each name may have reached the disk or
not, in any order, and a write in part, by whole sectors. What was synced is there as it was.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from tests.faults.journal import (
    Create,
    MakeFolder,
    Mark,
    Operation,
    Rename,
    Sync,
    SyncFolder,
    Truncate,
    Unlink,
    Write,
)

T = TypeVar("T")

SECTOR: Final = 512


@dataclass
class _File:
    lasting: bytearray = field(default_factory=bytearray)
    pending: list[Write | Truncate] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.pending:
            _apply(self.lasting, operation)
        self.pending.clear()

    def after_a_cut(self, rng: random.Random) -> bytes:
        content = bytearray(self.lasting)
        for operation in _chosen(rng, self.pending):
            for part in _torn(rng, operation):
                _apply(content, part)
        return bytes(content)


@dataclass(frozen=True)
class _Name:
    """That a name stands for a file, or for a folder (0), or for nothing any more (None)."""

    name: str
    file: int | None


@dataclass
class _Folder:
    lasting: dict[str, int] = field(default_factory=dict)
    pending: list[_Name] = field(default_factory=list)

    def now(self) -> dict[str, int]:
        return _named(self.lasting, self.pending)

    def sync(self) -> None:
        self.lasting = self.now()
        self.pending.clear()

    def after_a_cut(self, rng: random.Random) -> dict[str, int]:
        return _named(self.lasting, _chosen(rng, self.pending))


class Disk:
    """`root` and what is above it were there before anything happened."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[int, _File] = {}
        self._folders: dict[Path, _Folder] = {root: _Folder()}

    def take(self, operation: Operation) -> None:
        match operation:
            case Create(file, path):
                self._files[file] = _File()
                self._name(path, file)
            case Write() | Truncate():
                self._files[operation.file].pending.append(operation)
            case Sync(file):
                self._files[file].sync()
            case SyncFolder(path):
                self._folders[path].sync()
            case Rename(path, target):
                self._name(target, self._folders[path.parent].now()[path.name])
                self._name(path, None)
            case Unlink(path):
                self._name(path, None)
            case MakeFolder(path):
                self._folders[path] = _Folder()
                self._name(path, 0)
            case Mark():
                pass

    def sync(self) -> None:
        """As if nothing were ever lost."""
        for folder in self._folders.values():
            folder.sync()
        for file in self._files.values():
            file.sync()

    def after_a_cut(self, rng: random.Random, target: Path) -> None:
        """Write one of the states in which a power cut may leave the disk now."""
        for path, number in self._tree(rng, self._root):
            copy = target / path.relative_to(self._root)
            if number:
                copy.write_bytes(self._files[number].after_a_cut(rng))
            else:
                copy.mkdir()

    def _name(self, path: Path, file: int | None) -> None:
        self._folders[path.parent].pending.append(_Name(path.name, file))

    def _tree(self, rng: random.Random, folder: Path) -> Iterator[tuple[Path, int]]:
        for name, number in self._folders[folder].after_a_cut(rng).items():
            yield folder / name, number
            if not number:
                yield from self._tree(rng, folder / name)


def _named(before: dict[str, int], changes: Sequence[_Name]) -> dict[str, int]:
    names = dict(before)
    for change in changes:
        if change.file is None:
            names.pop(change.name, None)
        else:
            names[change.name] = change.file
    return names


def _chosen(rng: random.Random, pending: Sequence[T]) -> Sequence[T]:
    """What of it has reached the disk: all, nothing, the first of it, or anything."""
    match rng.randrange(4):
        case 0:
            return pending
        case 1:
            return ()
        case 2:
            return pending[: rng.randint(0, len(pending))]
        case _:
            part = rng.random()
            return [each for each in pending if rng.random() < part]


def _torn(rng: random.Random, operation: Write | Truncate) -> Iterator[Write | Truncate]:
    """The operation, or in one of two cases some of its sectors, each from its old or its new content.

    That a later write came to the disk before an earlier one is among the cases: it is that the
    sectors of the earlier one were dropped, or those of the later one.
    """
    if isinstance(operation, Truncate) or rng.random() < 0.5:
        yield operation
        return
    part, at, end = rng.random(), operation.offset, operation.offset + len(operation.content)
    while at < end:
        beyond = min(end, (at // SECTOR + 1) * SECTOR)
        if rng.random() < part:
            content = operation.content[at - operation.offset : beyond - operation.offset]
            yield Write(operation.file, at, content)
        at = beyond


def _apply(content: bytearray, operation: Write | Truncate) -> None:
    if isinstance(operation, Truncate):
        del content[operation.size :]
        content.extend(bytes(operation.size - len(content)))
        return
    end = operation.offset + len(operation.content)
    content.extend(bytes(max(0, end - len(content))))
    content[operation.offset : end] = operation.content
