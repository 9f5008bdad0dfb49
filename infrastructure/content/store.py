"""The content store on a local file system."""

import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Final

from anyio import CancelScope

from domain.errors import NotFound
from domain.header import ImageHeader
from domain.ports.content import Hold, Staged, Staging
from infrastructure.content.digest import checked_digest, content_path, unknown_content
from infrastructure.content.disk import Disk
from infrastructure.content.folders import Folders
from infrastructure.content.holds import Holder, Holds
from infrastructure.content.reserve import Reserve, refusing_when_full
from infrastructure.content.staged_file import StagedFile
from infrastructure.content.staging import Allowance, FileStaging
from infrastructure.content.threads import Threads

MIB: Final = 1024 * 1024
RESERVE: Final = 256 * MIB
GATHERED: Final = 32 * MIB
"""Bytes of all uploads together that wait in memory for their way to the disk."""

THREADS: Final = 8

log = logging.getLogger("darkroom.content")


class FileContentStore:
    """A `domain.ports.content.ContentStore` below a data folder.

    `content/ab/<hash>` holds what is kept, under its SHA-256 beginning with ab; `staging/<token>`
    what is arriving. Bytes get their name by rename(2), which is atomic, after their file has been
    synced; they are kept when the folders on the way to them have been synced as well. So at every
    moment, also after a power cut, whatever stands under a hash is whole, and what `keep` or `put`
    answered is there. A failure in between leaves at most whole bytes that nobody refers to.

    Raises StorageFull when the disk or a quota is full, or `reserve` bytes would not stay free;
    other errors of the disk are raised as they are.
    """

    def __init__(
        self,
        root: Path,
        inspect: Callable[[Path], ImageHeader],
        *,
        reserve: int = RESERVE,
        disk: Disk | None = None,
    ) -> None:
        self._content = root / "content"
        self._staging = root / "staging"
        self._inspect = inspect
        self._disk = disk or Disk()
        self._folders = Folders(root, self._disk)
        self._reserve = Reserve(reserve, root, self._disk)
        self._threads = Threads(THREADS)
        self._allowance = Allowance(GATHERED)
        self._staged: dict[str, tuple[StagedFile, Holder]] = {}
        self._holds = Holds()

    def sweep(self) -> None:
        """Make the folders, and remove what earlier uploads left in staging.

        Blocks. For the start, by the one process that owns the data folder: it would take from
        under an upload what has arrived so far.
        """
        self._folders.make(self._content)
        self._folders.make(self._staging)
        for path in self._staging.iterdir():
            self._disk.unlink(path)

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Staging]:
        token, file = self._new_file()
        staging = FileStaging(token, file, self._threads, self._allowance)
        holder = Holder(self._holds)
        self._staged[token] = file, holder
        try:
            yield staging
        finally:
            del self._staged[token]
            holder.end()
            staging.close()
            if not file.ended:
                with CancelScope(shield=True):
                    await self._threads.run(_remove, file)

    async def keep(self, staged: Staged) -> ImageHeader:
        file, holder = self._file(staged)
        return await self._threads.run(self._keep, file, holder, staged.sha256, staged.byte_size)

    def hold(self) -> AbstractContextManager[Hold]:
        return self._holds.hold(self._put)

    async def remove(self, sha256: str, referred: Callable[[], Awaitable[bool]]) -> bool:
        if not self._holds.announce(checked_digest(sha256)):
            return False
        try:
            if await referred():
                return True
            return await self._threads.run(self._remove, sha256)
        finally:
            self._holds.spare(sha256)

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise unknown_content() from None

    def _new_file(self) -> tuple[str, StagedFile]:
        token = secrets.token_hex(16)
        return token, StagedFile(self._staging / token, self._folders, self._reserve, self._disk)

    def _file(self, staged: Staged) -> tuple[StagedFile, Holder]:
        found = self._staged.get(staged.token)
        if found is None:
            raise NotFound("These bytes are not staged any more.")
        return found

    def _path(self, sha256: str) -> Path:
        return content_path(self._content, sha256)

    def _keep(self, file: StagedFile, holder: Holder, sha256: str, byte_size: int) -> ImageHeader:
        target = self._path(sha256)
        header = self._inspect(target if file.ended else file.path)
        holder.take(sha256)
        with refusing_when_full():
            if _is_whole(target, byte_size):
                _remove(file)
            else:
                file.move(target)
            self._folders.sync(target.parent)
        return header

    def _put(self, content: bytes | memoryview, holder: Holder) -> str:
        view = memoryview(content).cast("B")
        sha256 = hashlib.sha256(view).hexdigest()
        target = self._path(sha256)
        holder.take(sha256)
        with refusing_when_full():
            if not _is_whole(target, view.nbytes):
                self._write(view, target)
            self._folders.sync(target.parent)
        return sha256

    def _remove(self, sha256: str) -> bool:
        """Gone for good: a name that was taken back only in memory might be there again after a power cut."""
        target = self._path(sha256)
        with self._holds.removal(sha256) as free:
            if free and target.parent.exists():
                self._disk.unlink(target)
                self._disk.fsync_folder(target.parent)
        return free

    def _write(self, content: memoryview, target: Path) -> None:
        _, file = self._new_file()
        try:
            file.append(content)
            file.move(target)
        finally:
            _remove(file)


def _is_whole(path: Path, byte_size: int) -> bool:
    """Whether content stands there at full length; one that a failing disk cut short is replaced."""
    try:
        return path.stat().st_size == byte_size
    except FileNotFoundError:
        return False


def _remove(file: StagedFile) -> None:
    """Remove it where that is possible; what stays is swept at the next start."""
    try:
        file.remove()
    except OSError as error:
        log.warning("a staged file could not be removed: %s", error)
