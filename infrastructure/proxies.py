"""Smaller copies of originals, on the disk: derived, of no event, and made again where they are missing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from domain.header import EXTENSIONS, MediaType
from infrastructure.content.digest import checked_digest
from infrastructure.content.disk import Disk
from infrastructure.content.reserve import Reserve, refusing_when_full
from infrastructure.content.store import RESERVE

TYPES: Final = (MediaType.JPEG, MediaType.PNG)


class Proxies:
    """`<data>/proxies/<hash of the original>.jpg`, or `.png` for what is transparent.

    All methods block: they are for pool threads. The folder may be emptied at any time.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "proxies"
        self._disk = Disk()
        self._reserve = Reserve(RESERVE, data, self._disk)

    def sweep(self) -> None:
        """Make the folder, and remove what was being written when a process ended. For the start."""
        self._disk.make_folder(self._folder)
        for path in self._folder.glob("*.part"):
            self._disk.unlink(path)

    def find(self, original: str) -> MediaType | None:
        """The type of an original's proxy, where there is one."""
        return next((kind for kind in TYPES if self._path(original, kind).exists()), None)

    def open(self, original: str, media_type: MediaType) -> BinaryIO:
        """Raises FileNotFoundError."""
        return self._path(original, media_type).open("rb")

    def keep(self, original: str, media_type: MediaType, content: bytes | memoryview) -> None:
        """Written whole or not at all. Raises StorageFull and OSError."""
        path = self._path(original, media_type)
        part = path.with_suffix(f".{uuid4().hex}.part")
        try:
            with refusing_when_full():
                self._reserve.admit(len(content))
                self._disk.make_folder(self._folder)
                with part.open("xb") as file:
                    file.write(content)
                    file.flush()
                    self._disk.fsync(file.fileno())
                self._disk.rename(part, path)
        except BaseException:
            with suppress(OSError):
                self._disk.unlink(part)
            raise

    def remove(self, original: str) -> None:
        for kind in TYPES:
            self._disk.unlink(self._path(original, kind))

    def _path(self, original: str, media_type: MediaType) -> Path:
        return self._folder / f"{checked_digest(original)}.{EXTENSIONS[media_type]}"
