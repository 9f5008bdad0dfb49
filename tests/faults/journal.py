"""What a program did to its files, as the shim wrote it down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True)
class Create:
    file: int
    path: Path


@dataclass(frozen=True)
class Write:
    file: int
    offset: int
    content: bytes


@dataclass(frozen=True)
class Truncate:
    file: int
    size: int


@dataclass(frozen=True)
class Sync:
    file: int


@dataclass(frozen=True)
class SyncFolder:
    path: Path


@dataclass(frozen=True)
class Rename:
    path: Path
    target: Path


@dataclass(frozen=True)
class Unlink:
    path: Path


@dataclass(frozen=True)
class MakeFolder:
    path: Path


@dataclass(frozen=True)
class Mark:
    text: str


Operation: TypeAlias = Create | Write | Truncate | Sync | SyncFolder | Rename | Unlink | MakeFolder | Mark


def read(journal: Path) -> Iterator[Operation]:
    """In the order in which it happened. Files are known by number: each that was created has its own."""
    content, at = journal.read_bytes(), 0
    files: dict[str, int] = {}
    while at < len(content):
        end = content.index(b"\n", at)
        kind, _, rest = content[at:end].decode().partition(" ")
        at = end + 1
        match kind, *rest.split(" "):
            case "create", inode, path:
                files[inode] = at
                yield Create(at, Path(path))
            case "write", inode, offset, size:
                yield Write(files[inode], int(offset), content[at : at + int(size)])
                at += int(size)
            case "truncate", inode, size:
                yield Truncate(files[inode], int(size))
            case "sync", inode:
                yield Sync(files[inode])
            case "sync_folder", path:
                yield SyncFolder(Path(path))
            case "rename", path, target:
                yield Rename(Path(path), Path(target))
            case "unlink", path:
                yield Unlink(Path(path))
            case "mkdir", path:
                yield MakeFolder(Path(path))
            case "mark", *_:
                yield Mark(rest)
            case _:
                raise ValueError(content[at : at + 100])
