"""The whole hostile corpus through the public API of one server process."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from PIL import Image

from domain.errors import UnacceptableFile
from tests.nasty import corpus
from tests.nasty.case import Case, Want
from tests.server import Client, Data, Server, running_server
from tests.system.watch import MIB, Watch

if sys.platform == "linux":
    from tests.system.hostile_worker import Taken, results, taken

pytestmark = pytest.mark.asyncio(loop_scope="module")

AT_ONCE: Final = 4
THREADS: Final = 2
ALL: Final = os.environ.get("HOSTILE") == "all"
PIXEL_MEMORY: Final = 2048 * MIB
CPU_SECONDS: Final = 5

PAYLOADS: Final = (
    b"<script", b"alert(", b"<?php", b"%PDF", b"PK\x03\x04", b"SecretCam", b"xmpmeta", b"<html", b"trailer<<",
    b"Exif\0", b"EXIF", b"eXIf", b"ICC_PROFILE", b"iCCP", b"ICCP", b"XMP ", b"tEXt", b"zTXt", b"iTXt",
    b"8BIM", b"photoshop", b"ns.adobe.com", b"NETSCAPE2.0*/",
)  # fmt: skip
"""Words of the payloads, and names of the blocks that metadata stands in.

None has fewer than four bytes: three, such as `GPS`, turn up by chance in a few MB of pixels.
"""

HARMLESS: Final = frozenset(
    {
        "background", "compression", "dpi", "duration", "extension", "jfif", "jfif_density", "jfif_unit",
        "jfif_version", "loop", "resolution", "timestamp", "version",
    }
)  # fmt: skip
"""All that Pillow may find in a rendition beside its pixels: how it is shown, not where it comes from."""

BASELINE_TAGS: Final = frozenset({256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 338, 339})
"""Of TIFF: size, depth, compression, strips, samples, predictor. No text, no profile, no place."""

RENDITIONS: Final = """
    query ($id: ID!) {
        image(id: $id) { renditions { preset state url width height failure { code message } } }
    }
"""
SETTLED: Final = "subscription ($after: Cursor) { renditionSettled(after: $after) { rendition { id } } }"


@dataclass
class Ordeal:
    """What became of every case."""

    server: Server
    pid: int
    cases: Sequence[Case]
    watch: Watch
    payloads: dict[str, Data] = field(default_factory=dict)
    renditions: dict[str, list[Data]] = field(default_factory=dict)
    """By the path of the case; of those that were accepted."""

    rested_bytes: int = 0

    def of(self, *wants: Want) -> list[Case]:
        return [case for case in self.cases if case.want in wants]

    def accepted(self, case: Case) -> bool:
        return case.path in self.renditions

    def codes(self, case: Case) -> list[str]:
        """Why it was refused, or why its renditions failed."""
        errors = self.payloads[case.path]["userErrors"]
        failures = [made["failure"] for made in self.renditions.get(case.path, ()) if made["failure"]]
        return [reason["code"] for reason in (*errors, *failures)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ordeal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ordeal]:
    """Every file uploaded, four at a time, and every rendition of it at its end."""
    cases = await asyncio.to_thread(partial(corpus.build, big=True))
    folder = tmp_path_factory.mktemp("hostile") / "data"
    settings = {"threads": THREADS, "pixel_memory": PIXEL_MEMORY}
    async with running_server(folder, **settings) as server:
        watch = Watch(server.url, server.process.pid)
        ordeal = Ordeal(server, server.process.pid, cases, watch)
        start = await server.head()
        with watch:
            await upload_all(ordeal)
            await renderings_end(ordeal, start)
        ordeal.rested_bytes = await at_rest(watch)
        yield ordeal


async def upload_all(ordeal: Ordeal) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def upload(case: Case) -> None:
        async with turns:
            ordeal.payloads[case.path] = await ordeal.server.upload(case.data, case.name)

    async with asyncio.TaskGroup() as tasks:
        for case in ordeal.cases:
            tasks.create_task(upload(case))


async def renderings_end(ordeal: Ordeal, start: str) -> None:
    """Wait until the end of each rendition has been told, then ask how it is."""
    images = {path: payload["image"] for path, payload in ordeal.payloads.items() if payload["image"]}
    waiting = 2 * len({image["id"] for image in images.values()})
    async with asyncio.timeout(120), aclosing(ordeal.server.subscribe(SETTLED, after=start)) as results:
        async for _ in results:
            waiting -= 1
            if not waiting:
                break
    for path, image in images.items():
        answer = await ordeal.server.query(RENDITIONS, id=image["id"])
        ordeal.renditions[path] = answer["image"]["renditions"]


async def at_rest(watch: Watch) -> int:
    """The memory of the server some seconds after its last work, when it has given back what it can."""
    resident = watch.resident_bytes
    for _ in range(60):
        if resident < watch.start_bytes + 64 * MIB:
            break
        await asyncio.sleep(0.25)
        resident = watch.resident_bytes
    return resident


async def test_the_server_is_alive_and_the_same(ordeal: Ordeal) -> None:
    """No file took it down, nor made it complain of what nobody expected."""
    assert ordeal.server.running
    assert ordeal.server.process.pid == ordeal.pid
    assert (await ordeal.server.http.get("/health/ready")).status_code == 200
    assert "Traceback" not in ordeal.server.told
    assert "unexpected error" not in ordeal.server.told


async def test_health_is_answered_all_the_while(ordeal: Ordeal) -> None:
    """Within 100 ms. One answer of a hundred may take longer, up to a second: on a machine that others
    share, the probe and the server may each have to wait for a core, whatever the server does."""
    watch = ordeal.watch
    print(f"{len(watch.seconds)} answers; p99 {watch.percentile(0.99):.4f} s, slowest {watch.slowest:.4f} s")
    assert watch.failures == []
    assert len(watch.seconds) > 100
    assert watch.percentile(0.99) < 0.1
    assert watch.slowest < 1


async def test_what_is_too_large_or_of_another_type_is_refused(ordeal: Ordeal) -> None:
    """Before anything decodes it."""
    cases = ordeal.of(Want.LIMIT, Want.REFUSE)
    assert cases
    assert [case.path for case in cases if ordeal.accepted(case)] == []


async def test_good_files_are_rendered_by_both_presets(ordeal: Ordeal) -> None:
    """Those with a payload or with strange metadata as well: the pixels are good."""
    cases = ordeal.of(Want.ACCEPT, Want.STRIP)
    made = {case.path: ready(ordeal.renditions.get(case.path, [])) for case in cases}
    assert made == {case.path: ["grayscale-300", "thumbnail"] for case in cases}


def ready(renditions: Sequence[Data]) -> list[str]:
    return sorted(made["preset"] for made in renditions if made["state"] == "READY")


async def test_damaged_files_are_refused_or_fail_or_can_be_decoded(ordeal: Ordeal) -> None:
    """Nothing in between: each has come to its end, and says why where it is no good one."""
    for case in ordeal.of(Want.DAMAGED):
        states = {made["state"] for made in ordeal.renditions.get(case.path, ())}
        assert states <= {"READY", "FAILED"}, case.path
        assert states == {"READY"} or ordeal.codes(case), case.path


async def test_refusals_have_a_known_code_and_a_message(ordeal: Ordeal) -> None:
    """Programs match on the one, people act on the other. What fails later has the same codes."""
    known = {refusal.code for refusal in UnacceptableFile.__subclasses__()}
    for case in ordeal.cases:
        assert set(ordeal.codes(case)) <= known, case.path
        for error in ordeal.payloads[case.path]["userErrors"]:
            assert error["field"] == ["file"], case.path
            assert error["message"].endswith("."), case.path


async def test_no_payload_reaches_a_rendition(ordeal: Ordeal) -> None:
    """No word of it, no block that it could stand in, and no byte behind the picture."""
    checked = 0
    for case in ordeal.cases:
        for made in ordeal.renditions.get(case.path, ()):
            if made["state"] == "READY":
                content = await fetched(ordeal.server, made["url"])
                assert [word for word in PAYLOADS if word in content] == [], case.path
                check_picture(content, (made["width"], made["height"]))
                checked += 1
    assert checked >= 2 * len(ordeal.of(Want.ACCEPT, Want.STRIP))


async def fetched(client: Client, url: str) -> bytes:
    answer = await client.http.get(url)
    assert answer.status_code == 200
    return answer.content


def check_picture(content: bytes, size: tuple[int, int]) -> None:
    """It is whole, as large as announced, and holds pixels alone."""
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        assert picture.size == size
        assert picture.info.keys() <= HARMLESS
        assert set(picture.getexif()) <= (BASELINE_TAGS if picture.format == "TIFF" else frozenset())


async def test_nothing_is_left_behind(ordeal: Ordeal) -> None:
    """Staging is empty, and content holds the originals that were accepted and their renditions."""
    folder = ordeal.server.folder
    assert list((folder / "staging").iterdir()) == []
    originals = {case.sha256 for case in ordeal.cases if ordeal.accepted(case)}
    made = {
        rendition["url"].rpartition("/")[2].partition(".")[0]
        for renditions in ordeal.renditions.values()
        for rendition in renditions
        if rendition["url"]
    }
    assert {path.name for path in (folder / "content").rglob("*") if path.is_file()} == originals | made


@pytest.mark.skipif(sys.platform != "linux", reason="workers are for Linux alone")
async def test_no_file_takes_much_of_the_machine(ordeal: Ordeal, tmp_path: Path) -> None:
    """Five seconds of CPU at most for each task, and a GiB with all that a worker has from the start.

    A task over its seconds is measured again, since whoever shares the cores can only make it slower.
    """
    each = await asyncio.to_thread(lambda: list(taken(ordeal.cases, tmp_path / "file")))
    slowest = max(each, key=lambda one: one.cpu_seconds)
    largest = max(each, key=lambda one: one.peak_bytes)
    print(f"{len(each)} tasks; {slowest}, {largest}")
    assert len({one.path for one in each}) > 100
    assert {one.task for one in each} == {"Render", "Examine", "MakeProxy"}
    assert largest.peak_bytes <= 1024 * MIB
    slow = [one for one in each if one.cpu_seconds > CPU_SECONDS]
    assert await asyncio.to_thread(still_slow, slow, ordeal.cases, tmp_path / "file") == []


def still_slow(slow: Sequence[Taken], cases: Sequence[Case], path: Path) -> list[Taken]:
    """Of the tasks that took too long, those that take too long twice more."""
    for _ in range(2):
        if slow:
            paths, tasks = {one.path for one in slow}, {(one.path, one.task) for one in slow}
            again = taken([case for case in cases if case.path in paths], path)
            slow = [one for one in again if (one.path, one.task) in tasks and one.cpu_seconds > CPU_SECONDS]
    return list(slow)


@pytest.mark.skipif(sys.platform != "linux", reason="workers are for Linux alone")
async def test_no_pixel_is_what_memory_happened_to_hold(ordeal: Ordeal, tmp_path: Path) -> None:
    """Least of all where a file is damaged: new memory is filled with one byte here, with another there.
    `HOSTILE=all` does so with the largest pictures too, which takes a minute."""
    cases = [case for case in ordeal.cases if ALL or case.width * case.height < 4_000_000]
    one, other = await asyncio.gather(
        *(asyncio.to_thread(results, cases, tmp_path / filling, filling) for filling in ("1", "170"))
    )
    assert len(one) > 100
    assert one == other


async def test_memory_is_bounded_and_given_back(ordeal: Ordeal) -> None:
    """The server hardly grows at all: pictures are in the memory of its workers, which ends with them."""
    start, peak, rested = ordeal.watch.start_bytes, ordeal.watch.peak_bytes, ordeal.rested_bytes
    print(f"{start / MIB:.0f} MB at the start, {peak / MIB:.0f} at most, {rested / MIB:.0f} at rest")
    assert peak - start < 64 * MIB
    assert rested - start < 64 * MIB
