"""What every content store does, whatever it is made of."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import DamagedFile, NotFound, StorageFull
from domain.header import ImageHeader
from domain.ports.content import ContentStore, Staged
from infrastructure.content.store import FileContentStore
from infrastructure.memory.content import MemoryContentStore
from tests.content import put
from tests.examples import HEADER

Gate: TypeAlias = Callable[[bytes], ImageHeader]
Open: TypeAlias = Callable[[Gate], ContentStore]


def pass_all(_: bytes) -> ImageHeader:
    return HEADER


@pytest.fixture(params=["memory", "files"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens a store with a gate of the test's choice."""
    if request.param == "memory":
        return MemoryContentStore
    return lambda gate: FileContentStore(tmp_path, lambda path: gate(path.read_bytes()), reserve=0)


@pytest.fixture
def store(open_store: Open) -> ContentStore:
    return open_store(pass_all)


@pytest.fixture(params=["memory", "files"])
def full_store(request: pytest.FixtureRequest, tmp_path: Path) -> ContentStore:
    """A store that has no room for anything."""
    if request.param == "memory":
        return MemoryContentStore(pass_all, capacity=0)
    return FileContentStore(tmp_path, lambda _: HEADER, reserve=2**62)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def upload(store: ContentStore, *chunks: bytes) -> Staged:
    async with store.stage() as staging:
        for chunk in chunks:
            await staging.write(chunk)
        staged = await staging.finish()
        await store.keep(staged)
    return staged


def read(store: ContentStore, digest: str) -> bytes:
    with store.open(digest) as file:
        return file.read()


async def test_what_is_kept_is_read_under_its_hash(store: ContentStore) -> None:
    """Staging answers the SHA-256 and the size of all chunks together."""
    staged = await upload(store, b"one ", b"", b"two")
    assert (staged.sha256, staged.byte_size) == (sha256(b"one two"), 7)
    assert read(store, staged.sha256) == b"one two"


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024 - 1, 1024 * 1024, 5_000_000])
async def test_content_of_any_size_comes_back_unchanged(store: ContentStore, size: int) -> None:
    """Sizes around the points at which bytes go to disk, and none at all."""
    content = hashlib.shake_128(b"content").digest(size)
    chunks = [content[start : start + 60_000] for start in range(0, size, 60_000)]
    staged = await upload(store, *chunks)
    assert staged == Staged(staged.token, sha256(content), size)
    assert read(store, staged.sha256) == content


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(max_size=200), max_size=20))
def test_how_bytes_are_cut_does_not_matter(store: ContentStore, chunks: Sequence[bytes]) -> None:
    """The hash is that of the whole."""
    staged = asyncio.run(upload(store, *chunks))
    assert staged.sha256 == sha256(b"".join(chunks))
    assert read(store, staged.sha256) == b"".join(chunks)


async def test_staged_bytes_are_not_content_yet(store: ContentStore) -> None:
    """Only `keep` makes them so."""
    async with store.stage() as staging:
        await staging.write(b"bytes")
        staged = await staging.finish()
        with pytest.raises(NotFound):
            store.open(staged.sha256)


async def test_leaving_without_keep_removes_the_bytes(store: ContentStore) -> None:
    """They cannot be kept afterwards."""
    async with store.stage() as staging:
        await staging.write(b"bytes")
        staged = await staging.finish()
    with pytest.raises(NotFound):
        await store.keep(staged)
    with pytest.raises(NotFound):
        store.open(staged.sha256)


async def test_an_exception_passes_through_and_leaves_nothing(store: ContentStore) -> None:
    """Whatever ends an upload ends it wholly."""

    async def fail() -> None:
        async with store.stage() as staging:
            await staging.write(b"bytes")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail()
    with pytest.raises(NotFound):
        store.open(sha256(b"bytes"))


async def test_a_cancelled_upload_leaves_nothing(store: ContentStore) -> None:
    """A client that goes away costs no space."""
    arrived = asyncio.Event()

    async def stall() -> None:
        async with store.stage() as staging:
            await staging.write(b"bytes")
            arrived.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stall())
    await arrived.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    with pytest.raises(NotFound):
        store.open(sha256(b"bytes"))


async def test_a_finished_staging_takes_no_more(store: ContentStore) -> None:
    """Bytes after the hash would not be under it."""
    async with store.stage() as staging:
        await staging.finish()
        with pytest.raises(ValueError, match="no more"):
            await staging.write(b"late")
        with pytest.raises(ValueError, match="no more"):
            await staging.finish()


async def test_a_staging_that_was_left_takes_no_more(store: ContentStore) -> None:
    """It has no place to put them."""
    async with store.stage() as staging:
        pass
    with pytest.raises(ValueError, match="no more"):
        await staging.write(b"late")


async def test_the_gate_sees_the_staged_bytes(open_store: Open) -> None:
    """All of them, and its header is the answer."""
    seen: list[bytes] = []

    def gate(content: bytes) -> ImageHeader:
        seen.append(content)
        return HEADER

    store = open_store(gate)
    async with store.stage() as staging:
        await staging.write(b"an ")
        await staging.write(b"image")
        assert await store.keep(await staging.finish()) == HEADER
    assert seen == [b"an image"]


async def test_a_refusal_of_the_gate_reaches_the_caller(open_store: Open) -> None:
    """With its own class, and nothing is kept."""

    def gate(_: bytes) -> ImageHeader:
        raise DamagedFile("The file ends too early.")

    store = open_store(gate)
    async with store.stage() as staging:
        await staging.write(b"half an image")
        staged = await staging.finish()
        with pytest.raises(DamagedFile):
            await store.keep(staged)
    with pytest.raises(NotFound):
        store.open(staged.sha256)


async def test_the_same_bytes_may_be_kept_again(store: ContentStore) -> None:
    """One after the other, twice from one staging, and after `put`."""
    await asyncio.to_thread(put, store, b"bytes")
    async with store.stage() as staging:
        await staging.write(b"bytes")
        staged = await staging.finish()
        await store.keep(staged)
        await store.keep(staged)
    await upload(store, b"bytes")
    assert await asyncio.to_thread(put, store, b"bytes") == staged.sha256
    assert read(store, staged.sha256) == b"bytes"


async def test_many_may_keep_the_same_bytes_at_once(store: ContentStore) -> None:
    """Each of them is told that they are kept, and they are."""
    digests = {staged.sha256 for staged in await asyncio.gather(*[upload(store, b"same") for _ in range(20)])}
    assert digests == {sha256(b"same")}
    assert read(store, sha256(b"same")) == b"same"


@pytest.mark.parametrize("wrap", [bytes, memoryview, lambda content: memoryview(content).cast("B", (2, 3))])
def test_put_answers_the_hash(store: ContentStore, wrap: Callable[[bytes], bytes | memoryview]) -> None:
    """Of bytes and of views, those of arrays included."""
    assert put(store, wrap(b"pixels")) == sha256(b"pixels")
    assert read(store, sha256(b"pixels")) == b"pixels"


def test_readers_do_not_disturb_each_other(store: ContentStore) -> None:
    """Each has its own place in the bytes, and can go to any."""
    digest = put(store, b"0123456789")
    with store.open(digest) as one, store.open(digest) as other:
        assert one.read(4) == b"0123"
        assert other.seek(8) == 8
        assert (other.read(), one.read(2)) == (b"89", b"45")


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../staging", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", "a" * 63 + "/",
     "/" + "a" * 63, "٣" * 64, "a" * 62 + "..", "a" * 63 + "\0", "a" * 64],
)  # fmt: skip
def test_what_is_no_known_hash_is_not_found(store: ContentStore, name: str) -> None:
    """A name is never a path: all but 64 lower-case hex digits is unknown by its looks."""
    with pytest.raises(NotFound):
        store.open(name)


async def test_a_full_store_refuses_uploads(full_store: ContentStore) -> None:
    """It says so, and what had arrived is gone."""
    async with full_store.stage() as staging:
        with pytest.raises(StorageFull):  # noqa: PT012  (a store may notice in either)
            await staging.write(b"bytes")
            await staging.finish()
        with pytest.raises(ValueError, match="no more"):
            await staging.finish()
    with pytest.raises(NotFound):
        full_store.open(sha256(b"bytes"))


def test_a_full_store_refuses_renditions(full_store: ContentStore) -> None:
    """Trying again later may help."""
    with pytest.raises(StorageFull):
        put(full_store, b"bytes")
    with pytest.raises(NotFound):
        full_store.open(sha256(b"bytes"))


async def never() -> bool:
    return False


async def test_what_is_removed_is_gone(store: ContentStore) -> None:
    """Also the second time, and what was never there; the same bytes may come again."""
    staged = await upload(store, b"bytes")
    assert await store.remove(staged.sha256, never)
    with pytest.raises(NotFound):
        store.open(staged.sha256)
    assert await store.remove(staged.sha256, never)
    assert await store.remove("f" * 64, never)
    await upload(store, b"bytes")
    assert read(store, staged.sha256) == b"bytes"


async def test_what_is_referred_to_stays(store: ContentStore) -> None:
    """And there is nothing left to do."""
    staged = await upload(store, b"bytes")

    async def always() -> bool:
        return True

    assert await store.remove(staged.sha256, always)
    assert read(store, staged.sha256) == b"bytes"


async def test_an_upload_keeps_its_bytes_until_its_staging_is_left(store: ContentStore) -> None:
    """By then its event is recorded, and refers to them."""
    await upload(store, b"bytes")
    async with store.stage() as staging:
        await staging.write(b"bytes")
        staged = await staging.finish()
        await store.keep(staged)
        assert not await store.remove(staged.sha256, never)
    assert read(store, staged.sha256) == b"bytes"
    assert await store.remove(staged.sha256, never)


async def test_a_rendition_is_kept_until_its_hold_is_left(store: ContentStore) -> None:
    """Twice put, or put by two, it is kept by either."""
    with store.hold() as one, store.hold() as other:
        (digest,) = {await asyncio.to_thread(hold.put, b"pixels") for hold in (one, one, other)}
        assert not await store.remove(digest, never)
    assert read(store, digest) == b"pixels"
    assert await store.remove(digest, never)


async def test_who_is_late_keeps_nothing(store: ContentStore) -> None:
    """Nobody is there who would refer to it."""
    with store.hold() as hold:
        pass
    with pytest.raises(ValueError, match="ended"):
        await asyncio.to_thread(hold.put, b"pixels")
    with pytest.raises(NotFound):
        store.open(sha256(b"pixels"))


@pytest.mark.parametrize("staged", [True, False])
async def test_whoever_keeps_bytes_while_they_are_being_removed_has_them(
    store: ContentStore, staged: bool
) -> None:
    """An upload, or a rendition, that comes between the question and the removal is acknowledged, and its
    bytes are there."""
    await upload(store, b"bytes")

    async def asked_too_early() -> bool:
        if staged:
            await upload(store, b"bytes")
        else:
            await asyncio.to_thread(put, store, b"bytes")
        return False  # as it was before it was recorded

    assert not await store.remove(sha256(b"bytes"), asked_too_early)
    assert read(store, sha256(b"bytes")) == b"bytes"


async def test_bytes_that_are_kept_are_there_whoever_removes_them(store: ContentStore) -> None:
    """Uploads, renditions and removals of the same bytes, as they happen to meet."""
    digest = sha256(b"bytes")

    async def stage() -> None:
        async with store.stage() as staging:
            await staging.write(b"bytes")
            await store.keep(await staging.finish())
            await asyncio.sleep(0)
            assert read(store, digest) == b"bytes"

    def render() -> None:
        with store.hold() as hold:
            hold.put(b"bytes")
            assert read(store, digest) == b"bytes"

    async def remove() -> None:
        await store.remove(digest, never)

    for _ in range(10):
        works = [stage(), asyncio.to_thread(render), remove(), stage(), remove(), asyncio.to_thread(render)]
        await asyncio.gather(*works)


async def test_what_is_no_hash_cannot_be_removed(store: ContentStore) -> None:
    """A name is never a path."""
    with pytest.raises(NotFound):
        await store.remove("../../log.db", never)
