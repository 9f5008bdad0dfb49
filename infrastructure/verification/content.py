"""Blobs: whether each is what its name says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from infrastructure.content.digest import content_path
from infrastructure.verification.finding import Finding, Kind, Progress


def check_content(content: Path, progress: Progress) -> Iterator[Finding]:
    """Read and hash everything that is there."""
    folders = sorted(content.iterdir()) if content.is_dir() else []
    for done, folder in enumerate(folders):
        progress(content.name, done, len(folders))
        for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
            yield from _check_blob(content, path)
    progress(content.name, len(folders), len(folders))


def _check_blob(content: Path, path: Path) -> Iterator[Finding]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return  # it was removed meanwhile; if the log names it, it is missed there
    except OSError as error:
        yield Finding(Kind.BLOB, path.name, f"Cannot be read: {error.strerror}.")
        return
    if path != content_path(content, digest):
        yield Finding(Kind.BLOB, path.name, f"Its bytes have another hash: {digest}.")
