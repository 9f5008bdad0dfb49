"""Copies of a data folder, made while a server works on it, and brought back from.

The keys are written apart from the log: what a purge has erased comes back only to whoever puts an old
copy of the keys beside an old copy of the log. Keep the newest copy of the keys, and no other.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from infrastructure.content.digest import content_path
from infrastructure.content.disk import Disk
from infrastructure.verification.blobs import NamedBlobs, named_blobs
from infrastructure.verification.content import check_content
from infrastructure.verification.database import check_file, reading
from infrastructure.verification.finding import Finding, Kind, Progress
from infrastructure.verification.log import check_log, open_log

_COPIED: Final = 1024 * 1024


class NotEmpty(Exception):
    """A folder that something is to be restored into has something in it."""


class NoBackup(Exception):
    """There is no backup where one was said to be."""


def backup(folder: Path, target: Path, keys: Path, progress: Progress = lambda *_: None) -> Iterator[Finding]:
    """Copy a data folder into `target` and its keys into the file `keys`, and verify the copy.

    The log is copied at one moment; the blobs that it names were there before it. Done again into the same
    folder it copies only the blobs that are new, and removes those of images that were purged since. Yields
    what is wrong with the copy; nothing where it is whole. Reads the data folder only. Blocks.
    """
    _make(target.absolute())
    content = target / "content"
    _copy_deliveries(folder, target, progress)
    _copy_database(folder / "log.db", target / "log.db", progress)
    _copy_database(folder / "keys.db", keys, progress)
    with open_log(target) as log, named_blobs(log) as named:
        yield from _copy_blobs(named, folder / "content", content, progress)
        _remove_others(named, content)
        yield from check_file(target / "log.db")
        yield from check_log(log, content, progress)
    yield from check_content(content, progress)


def restore(
    target: Path, keys: Path, folder: Path, progress: Progress = lambda *_: None
) -> Iterator[Finding]:
    """Make a data folder of a backup. Yields what is wrong with it; nothing where it is whole.

    Raises NotEmpty, and NoBackup. Blocks.
    """
    for path in (target / "log.db", keys):
        if not path.is_file():
            raise NoBackup(f"There is no {path}.")
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty. Restore into a new folder.")
    _make(folder.absolute())
    content = folder / "content"
    _copy_deliveries(target, folder, progress)
    _copy_database(keys, folder / "keys.db", progress)
    with open_log(target) as log, named_blobs(log) as named:
        yield from _copy_blobs(named, target / "content", content, progress)
    _copy_database(target / "log.db", folder / "log.db", progress)
    with open_log(folder) as log:
        yield from check_log(log, content, progress)


def _copy_deliveries(source: Path, target: Path, progress: Progress) -> None:
    """How far deliveries to webhooks are, so that a restored store does not repeat all of them. Copied before
    the log, it knows of nothing that the copy of the log does not have."""
    if (source / "webhooks.db").exists():
        _copy_database(source / "webhooks.db", target / "webhooks.db", progress)


def _copy_database(source: Path, target: Path, progress: Progress) -> None:
    """In one step: a copy page by page begins anew whenever something is written meanwhile."""
    progress(source.name, 0, 1)
    _make(target.parent.absolute())
    new = target.with_name(f"{target.name}.new")
    new.unlink(missing_ok=True)
    with reading(source) as original, closing(sqlite3.connect(new)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    new.chmod(0o600)
    _rename(new, target)
    progress(source.name, 1, 1)


def _copy_blobs(named: NamedBlobs, source: Path, target: Path, progress: Progress) -> Iterator[Finding]:
    total = len(named)
    for done, sha256 in enumerate(named):
        progress("content", done, total)
        copy = content_path(target, sha256)
        if copy.exists():
            continue
        try:
            _copy_blob(content_path(source, sha256), copy, sha256)
        except FileNotFoundError:
            continue  # purged meanwhile, or missing: the verification of the copy tells
        except ValueError as error:
            yield Finding(Kind.BLOB, sha256, str(error))
    progress("content", total, total)


def _copy_blob(source: Path, copy: Path, sha256: str) -> None:
    """Raises ValueError where its bytes are not those of its name, and FileNotFoundError."""
    with source.open("rb") as original:
        _make(copy.parent)
        new = copy.with_name(f"{sha256}.new")
        digest = hashlib.sha256()
        with new.open("wb") as file:
            while chunk := original.read(_COPIED):
                digest.update(chunk)
                file.write(chunk)
    if digest.hexdigest() != sha256:
        new.unlink()
        raise ValueError(f"Its bytes have another hash: {digest.hexdigest()}. It was not copied.")
    _rename(new, copy)


def _remove_others(named: NamedBlobs, content: Path) -> None:
    for path in content.glob("*/*"):
        if path.name not in named:
            path.unlink()


def _make(folder: Path) -> None:
    """A folder whose name is on the disk."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700)
        Disk().fsync_folder(folder.parent)


def _rename(new: Path, path: Path) -> None:
    """Give a whole file its name, for good."""
    disk = Disk()
    descriptor = os.open(new, os.O_RDONLY)
    try:
        disk.fsync(descriptor)
    finally:
        os.close(descriptor)
    disk.rename(new, path)
    disk.fsync_folder(path.parent)
