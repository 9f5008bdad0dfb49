"""The content store on disk: what its files look like, and what is left when the disk fails."""

import asyncio
import errno
import hashlib
import os
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path

import anyio
import pytest

from domain.errors import StorageFull
from domain.ports.content import Staged
from infrastructure.content.disk import Disk
from infrastructure.content.store import FileContentStore
from tests.content import put
from tests.examples import HEADER
from tests.infrastructure.content.faulty_disk import FaultyDisk

MIB = 1024 * 1024
BODY = b"photograph" * 100
OTHER = b"another one" * 100


def open_store(root: Path, disk: Disk | None = None, reserve: int = 0) -> FileContentStore:
    return FileContentStore(root, lambda _: HEADER, reserve=reserve, disk=disk)


async def upload(store: FileContentStore, *chunks: bytes) -> Staged:
    async with store.stage() as staging:
        for chunk in chunks:
            await staging.write(chunk)
        staged = await staging.finish()
        await store.keep(staged)
    return staged


def read(store: FileContentStore, staged: Staged) -> bytes:
    with store.open(staged.sha256) as file:
        return file.read()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def path_of(root: Path, digest: str) -> Path:
    return root / "content" / digest[:2] / digest


def kept(root: Path) -> list[Path]:
    return [path for path in (root / "content").rglob("*") if path.is_file()]


def staged_files(root: Path) -> list[Path]:
    return [*root.glob("staging/*")]


def assert_whole(root: Path) -> None:
    for path in kept(root):
        assert path.name == sha256(path.read_bytes())


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


async def calls_of_an_upload(root: Path) -> list[str]:
    disk = FaultyDisk()
    await upload(open_store(root, disk), BODY)
    return disk.calls


# -- what is there


async def test_content_is_filed_by_its_hash(tmp_path: Path) -> None:
    """In one of 256 folders, so that none of them grows without measure."""
    staged = await upload(open_store(tmp_path), BODY)
    assert kept(tmp_path) == [path_of(tmp_path, staged.sha256)]
    assert staged_files(tmp_path) == []


async def test_nobody_else_on_the_machine_can_read(tmp_path: Path) -> None:
    """Files are their owner's, and so are all folders, the data folder included."""
    root = tmp_path / "data" / "darkroom"
    store = open_store(root)
    await asyncio.to_thread(store.sweep)
    await asyncio.to_thread(put, store, OTHER)
    await upload(store, BODY)
    for path in [root.parent, root, *root.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


async def test_staged_bytes_are_their_owners_too(tmp_path: Path) -> None:
    """From the first byte on."""
    store = open_store(tmp_path)
    async with store.stage() as staging:
        await staging.write(bytes(2 * MIB))
        (path,) = staged_files(tmp_path)
        assert path.stat().st_mode & 0o777 == 0o600


async def test_the_start_empties_the_staging_area(tmp_path: Path) -> None:
    """And leaves alone what is kept."""
    first = open_store(tmp_path)
    await asyncio.to_thread(first.sweep)
    staged = await upload(first, BODY)
    (tmp_path / "staging" / "left-by-a-crash").write_bytes(b"half")
    second = open_store(tmp_path)
    await asyncio.to_thread(second.sweep)
    assert staged_files(tmp_path) == []
    assert read(second, staged) == BODY


async def test_nothing_happens_before_the_first_byte(tmp_path: Path) -> None:
    """An upload that is refused by its headers costs no file."""
    disk = FaultyDisk()
    async with open_store(tmp_path, disk).stage():
        pass
    assert "create" not in disk.calls


async def test_an_upload_makes_its_bytes_last_before_their_name(tmp_path: Path) -> None:
    """The file is synced, then renamed, here after its folder was made; then all folders on the way to it
    are synced."""
    calls = await calls_of_an_upload(tmp_path)
    assert [call for call in calls if "fsync" in call or call == "rename"] == [
        "fsync",
        *["rename"] * 2,
        *["fsync_folder"] * 3,
    ]


async def test_folders_known_to_last_are_not_synced_again(tmp_path: Path) -> None:
    """Only the one that has a new name in it."""
    disk = FaultyDisk()
    store = open_store(tmp_path, disk)
    staged = await upload(store, BODY)
    path_of(tmp_path, staged.sha256).unlink()
    disk.calls.clear()
    await upload(store, BODY)
    assert disk.calls.count("fsync_folder") == 1


async def test_a_small_file_goes_to_disk_in_one_write(tmp_path: Path) -> None:
    """However many chunks it comes in."""
    disk = FaultyDisk()
    await upload(open_store(tmp_path, disk), *[bytes(1000)] * 500)
    assert disk.calls.count("write") == 1


async def test_known_content_is_neither_written_nor_synced_again(tmp_path: Path) -> None:
    """But the folder is: whoever wrote it may not have come so far yet."""
    disk = FaultyDisk()
    store = open_store(tmp_path, disk)
    await asyncio.to_thread(put, store, BODY)
    disk.calls.clear()
    await asyncio.to_thread(put, store, BODY)
    assert disk.calls == ["fsync_folder"]


@pytest.mark.parametrize("damage", [b"", BODY[:-1], BODY + b"more"])
async def test_content_of_wrong_length_is_healed(tmp_path: Path, damage: bytes) -> None:
    """By the next upload of the bytes that belong there, and by the next rendering."""
    store = open_store(tmp_path)
    staged = await upload(store, BODY)
    path = path_of(tmp_path, staged.sha256)
    path.write_bytes(damage)
    await upload(store, BODY)
    assert path.read_bytes() == BODY
    path.write_bytes(damage)
    await asyncio.to_thread(put, store, BODY)
    assert path.read_bytes() == BODY


# -- what is left when the disk fails

FIRST_UPLOAD = 14
"""At least as many calls as the first upload into a new data folder makes."""


async def test_the_first_upload_makes_no_more_calls_than_are_failed_below(tmp_path: Path) -> None:
    """Or some call would never be seen to fail."""
    assert len(await calls_of_an_upload(tmp_path)) <= FIRST_UPLOAD


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("failing", range(FIRST_UPLOAD))
async def test_an_upload_survives_the_failure_of_any_call(tmp_path: Path, failing: int, error: int) -> None:
    """Nothing torn is visible, nothing stays in staging or open, and the next upload succeeds."""
    disk = FaultyDisk({failing}, error)
    store = open_store(tmp_path, disk)
    before = open_descriptors()
    refused = StorageFull if error in {errno.ENOSPC, errno.EDQUOT} else OSError
    with suppress(refused):
        await upload(store, BODY)
    assert_whole(tmp_path)
    assert staged_files(tmp_path) == []
    assert open_descriptors() == before
    assert read(store, await upload(store, BODY)) == BODY
    assert read(store, await upload(store, OTHER)) == OTHER


@pytest.mark.parametrize("failing", range(FIRST_UPLOAD))
def test_a_rendition_survives_the_failure_of_any_call(tmp_path: Path, failing: int) -> None:
    """As an upload does."""
    disk = FaultyDisk({failing})
    store = open_store(tmp_path, disk)
    before = open_descriptors()
    with suppress(OSError):
        put(store, BODY)
    assert_whole(tmp_path)
    assert staged_files(tmp_path) == []
    assert open_descriptors() == before
    with store.open(put(store, BODY)) as file:
        assert file.read() == BODY


@pytest.mark.parametrize("failing", range(FIRST_UPLOAD))
async def test_an_acknowledged_upload_had_no_failure(tmp_path: Path, failing: int) -> None:
    """Every call counts: none of them may fail in silence."""
    calls = await calls_of_an_upload(tmp_path / "before")
    store = open_store(tmp_path / "now", FaultyDisk({failing}))
    if failing < len(calls):
        with pytest.raises(OSError, match="Input/output"):
            await upload(store, BODY)
    else:
        await upload(store, BODY)


async def test_the_failure_of_any_call_does_not_harm_known_content(tmp_path: Path) -> None:
    """Also when the copy that is superfluous cannot be removed."""
    staged = await upload(open_store(tmp_path), BODY)
    disk = FaultyDisk()
    await upload(open_store(tmp_path, disk), BODY)
    for failing in range(len(disk.calls)):
        with suppress(OSError):
            await upload(open_store(tmp_path, FaultyDisk({failing})), BODY)
        assert path_of(tmp_path, staged.sha256).read_bytes() == BODY
        assert staged_files(tmp_path) == []


async def test_what_cannot_be_removed_is_swept_at_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The upload is not held up by it; the log tells."""
    disk = FaultyDisk()
    async with open_store(tmp_path, disk).stage() as staging:
        await staging.write(BODY)
        await staging.finish()
        disk.failing = {len(disk.calls)}
    assert disk.calls[-1] == "unlink"
    assert len(staged_files(tmp_path)) == 1
    assert "could not be removed" in caplog.text
    await asyncio.to_thread(open_store(tmp_path).sweep)
    assert staged_files(tmp_path) == []


async def test_a_failed_sync_is_never_tried_again(tmp_path: Path) -> None:
    """The second one would lie: the kernel has forgotten the lost pages by then."""
    calls = await calls_of_an_upload(tmp_path / "before")
    disk = FaultyDisk({calls.index("fsync")})
    store = open_store(tmp_path / "now", disk)
    async with store.stage() as staging:
        await staging.write(BODY)
        staged = await staging.finish()
        with pytest.raises(OSError, match="Input/output"):
            await store.keep(staged)
        assert disk.calls[-1] == "fsync"
        with pytest.raises(ValueError, match="gone"):
            await store.keep(staged)
    assert disk.calls.count("fsync") == 1
    assert kept(tmp_path / "now") == []


async def test_bytes_after_a_failed_write_are_refused(tmp_path: Path) -> None:
    """What is in the file is no longer what was hashed."""
    disk = FaultyDisk()
    async with open_store(tmp_path, disk).stage() as staging:
        await staging.write(bytes(2 * MIB))
        disk.failing = {len(disk.calls) + 1}
        with pytest.raises(OSError, match="Input/output"):
            await staging.write(bytes(2 * MIB))
        with pytest.raises(ValueError, match="no more"):
            await staging.finish()


# -- space


class SmallDisk(Disk):
    """Has so many bytes free, and they do not become fewer."""

    def __init__(self, free: int) -> None:
        self._free = free

    def free(self, path: Path) -> int:
        del path
        return self._free


async def test_bytes_that_leave_the_reserve_alone_are_taken(tmp_path: Path) -> None:
    """To the last one."""
    await upload(open_store(tmp_path, SmallDisk(1000 + len(BODY)), reserve=1000), BODY)


async def test_the_reserve_is_not_touched(tmp_path: Path) -> None:
    """One byte too few is refused, for uploads and renditions, and leaves nothing."""
    store = open_store(tmp_path, SmallDisk(1000 + len(BODY) - 1), reserve=1000)
    with pytest.raises(StorageFull):
        await upload(store, BODY)
    with pytest.raises(StorageFull):
        await asyncio.to_thread(put, store, BODY)
    assert kept(tmp_path) == staged_files(tmp_path) == []


async def test_a_disk_that_fills_during_an_upload_ends_it_early(tmp_path: Path) -> None:
    """The sender need not send the rest."""
    store = open_store(tmp_path, SmallDisk(10 * MIB), reserve=10 * MIB)
    async with store.stage() as staging:
        with pytest.raises(StorageFull):
            await staging.write(bytes(2 * MIB))
    assert staged_files(tmp_path) == []


# -- many at once


async def test_many_uploads_of_the_same_bytes_leave_one_file(tmp_path: Path) -> None:
    """All are acknowledged."""
    store = open_store(tmp_path)
    await asyncio.gather(*[upload(store, BODY) for _ in range(50)])
    assert len(kept(tmp_path)) == 1
    assert_whole(tmp_path)
    assert staged_files(tmp_path) == []


async def test_many_uploads_of_different_bytes_do_not_mix(tmp_path: Path) -> None:
    """Into new folders, while others are made."""
    store = open_store(tmp_path)
    bodies = [str(number).encode() * 1000 for number in range(200)]
    await asyncio.gather(*[upload(store, body[:500], body[500:]) for body in bodies])
    assert {path.name for path in kept(tmp_path)} == {sha256(body) for body in bodies}
    assert_whole(tmp_path)


def test_many_threads_may_put(tmp_path: Path) -> None:
    """Pool threads share one store."""
    store = open_store(tmp_path)
    bodies = [str(number % 10).encode() * 1000 for number in range(40)]
    threads = [threading.Thread(target=put, args=(store, body)) for body in bodies]
    with ExitStack() as joined:
        for thread in threads:
            joined.callback(thread.join)
            thread.start()
    assert len(kept(tmp_path)) == 10
    assert_whole(tmp_path)


class SlowDisk(Disk):
    """Holds every write until it is let go."""

    def __init__(self) -> None:
        self.writing = threading.Event()
        self.go_on = threading.Event()

    def write(self, descriptor: int, content: memoryview) -> None:
        self.writing.set()
        assert self.go_on.wait(10)
        super().write(descriptor, content)


@pytest.fixture
def slow_disk() -> Iterator[SlowDisk]:
    disk = SlowDisk()
    yield disk
    disk.go_on.set()


async def test_a_cancellation_during_a_write_leaves_nothing(tmp_path: Path, slow_disk: SlowDisk) -> None:
    """The thread cannot be stopped: what it still writes is removed after it."""
    task = asyncio.create_task(upload(open_store(tmp_path, slow_disk), BODY))
    await asyncio.to_thread(slow_disk.writing.wait, 10)
    task.cancel()
    await asyncio.sleep(0.01)
    slow_disk.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert staged_files(tmp_path) == kept(tmp_path) == []


async def test_a_cancelled_scope_leaves_nothing(tmp_path: Path, slow_disk: SlowDisk) -> None:
    """As above, cancelled in anyio's way."""
    async with anyio.create_task_group() as group:
        group.start_soon(upload, open_store(tmp_path, slow_disk), BODY)
        await asyncio.to_thread(slow_disk.writing.wait, 10)
        group.cancel_scope.cancel()
        slow_disk.go_on.set()
    assert staged_files(tmp_path) == kept(tmp_path) == []


# -- memory


async def test_memory_is_flat_for_a_large_body(tmp_path: Path) -> None:
    """200 MB in 64 KiB chunks never hold more than a few of them."""
    store = open_store(tmp_path)
    chunk = bytes(64 * 1024)
    tracemalloc.start()
    try:
        staged = await upload(store, *[chunk] * (200_000_000 // len(chunk)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert staged.byte_size == 200_000_000 // len(chunk) * len(chunk)
    assert peak < 8 * MIB


async def test_memory_is_bounded_for_many_slow_uploads(tmp_path: Path) -> None:
    """200 senders that stop short of a MiB do not hold 200 MiB."""
    store = open_store(tmp_path)
    chunk = bytes(100 * 1000)
    tracemalloc.start()
    try:
        async with AsyncExitStack() as stack:
            stagings = [await stack.enter_async_context(store.stage()) for _ in range(200)]
            for staging in stagings * 5:
                await staging.write(chunk)
            held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 48 * MIB
    assert staged_files(tmp_path) == []


class HesitantDisk(Disk):
    """Takes its time to remove content."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.go_on = threading.Event()

    def unlink(self, path: Path) -> None:
        if path.parent.name != "staging":
            self.began.set()
            assert self.go_on.wait(10)
        super().unlink(path)


async def test_bytes_that_come_while_they_are_being_removed_are_kept_anew(tmp_path: Path) -> None:
    """Whoever finds a file that is about to go waits until it is gone."""
    disk = HesitantDisk()
    store = open_store(tmp_path, disk)
    staged = await upload(store, BODY)
    removing = asyncio.create_task(store.remove(staged.sha256, unreferred))
    await asyncio.to_thread(disk.began.wait, 10)
    keeping = asyncio.create_task(asyncio.to_thread(put, store, BODY))
    await asyncio.wait((keeping,), timeout=0.05)
    disk.go_on.set()
    assert await removing
    assert await keeping == staged.sha256
    assert read(store, staged) == BODY


@pytest.mark.parametrize("failing", range(2))
async def test_what_could_not_be_removed_is_removed_the_next_time(tmp_path: Path, failing: int) -> None:
    """A failing disk is told, and nothing is said to be gone that may come back."""
    disk = FaultyDisk()
    store = open_store(tmp_path, disk)
    digest = (await upload(store, BODY)).sha256
    disk.failing = {len(disk.calls) + failing}
    with pytest.raises(OSError, match="Input/output"):
        await store.remove(digest, unreferred)
    assert await store.remove(digest, unreferred)
    assert disk.calls[-2:] == ["unlink", "fsync_folder"]
    assert not list((tmp_path / "content").rglob(digest))


async def unreferred() -> bool:
    return False
