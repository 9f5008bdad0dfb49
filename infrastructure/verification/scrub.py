"""Blobs read again: which are damaged, which are missing, and which nobody asks for."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infrastructure.content.digest import content_path
from infrastructure.verification.blobs import NamedBlobs, named_blobs
from infrastructure.verification.content import check_content
from infrastructure.verification.finding import Finding, Kind, Progress
from infrastructure.verification.log import open_log

SETTLED_SECONDS: Final = 3600
"""What was written later may belong to an upload that is still on its way into the log."""


def scrub(folder: Path, progress: Progress = lambda *_: None) -> Iterator[Finding]:
    """Everything that is wrong with the content of a data folder, and what the log has no use for.

    Reads only, and every byte. Blocks, for seconds per gigabyte.
    """
    content = folder / "content"
    try:
        with open_log(folder) as log, named_blobs(log) as named:
            yield from _missing(content, named)
            yield from _orphans(content, named)
    except (sqlite3.Error, ValueError) as error:
        yield Finding(Kind.FILE, "log.db", f"The log cannot be read: {error}. `log verify` says more.")
    yield from check_content(content, progress)


def _missing(content: Path, named: NamedBlobs) -> Iterator[Finding]:
    for sha256 in named:
        if not content_path(content, sha256).is_file():
            yield Finding(Kind.BLOB, sha256, "An image needs it, and it is not there.")


def _orphans(content: Path, named: NamedBlobs) -> Iterator[Finding]:
    settled = time.time() - SETTLED_SECONDS
    for path in sorted(content.glob("*/*")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if status.st_mtime < settled and path.name not in named:
            yield Finding(Kind.ORPHAN, path.name, f"{status.st_size:,} bytes that no image needs.")
