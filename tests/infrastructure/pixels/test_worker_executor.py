"""Tasks in processes that are locked in: what comes back, what cannot get out, and what ends when."""

from __future__ import annotations

import io
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pillow_heif
import psutil
import pytest
from PIL import Image

from domain.errors import ShuttingDown, TooSlow, WorkerDied
from domain.header import ImageHeader, MediaType
from domain.output import default_output
from domain.recipe import Recipe, Step
from infrastructure.gate import inspect
from infrastructure.pixels.checkpoint import Superseded
from infrastructure.pixels.examine import Examine
from infrastructure.pixels.executor import DirectExecutor
from infrastructure.pixels.stop import Stop
from infrastructure.pixels.tasks import Render
from tests.infrastructure.pixels.files import FORMATS, exif, picture, to_pil, with_alpha, written
from tests.infrastructure.pixels.odd_tasks import (
    Babble,
    Count,
    Crash,
    Escape,
    Fail,
    Heed,
    Lie,
    Odd,
    Spin,
    Swell,
    Take,
)

if sys.platform != "linux":
    pytest.skip("workers are for Linux alone", allow_module_level=True)

from infrastructure.pixels.worker_executor import Bounds, WorkerExecutor
from infrastructure.pixels.worker_process import CannotStart, ForkServerProcess, WorkerProcess

MIB = 1 << 20
PIXELS = 50_000_000
PROGRAM = ("-m", "tests.infrastructure.pixels.odd_tasks")
BOUNDS = Bounds(seconds=20)
HASTE = Bounds(seconds=0.3, seconds_per_gib=0)


@pytest.fixture(scope="module")
def shared() -> Iterator[WorkerExecutor]:
    executor = WorkerExecutor(PIXELS, bounds=BOUNDS, program=PROGRAM)
    yield executor
    executor.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[WorkerExecutor]:
    """Whose workers have a third of a second."""
    executor = WorkerExecutor(PIXELS, bounds=HASTE, program=PROGRAM)
    executor.protections()
    yield executor
    executor.close()


def file(content: bytes = b"content") -> io.BytesIO:
    return io.BytesIO(content)


def worker_of(executor: WorkerExecutor) -> int:
    return executor.execute(Count(), file())[1]


def kill(pid: int) -> None:
    """And see to it that it is dead."""
    os.kill(pid, signal.SIGKILL)
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


def workers() -> list[psutil.Process]:
    return [each for child in psutil.Process().children() for each in child.children()]


def test_a_task_sees_the_file_from_where_it_stands(shared: WorkerExecutor, tmp_path: Path) -> None:
    """One of the operating system and one in memory, whatever was read of it before."""
    path = tmp_path / "file"
    path.write_bytes(bytes(100_000))
    with path.open("rb") as real:
        assert shared.execute(Count(), real)[0] == 100_000
        real.seek(0)
        assert len(real.read(70_000)) == 70_000
        assert shared.execute(Count(), real)[0] == 30_000
    assert shared.execute(Count(), file(b"abc"))[0] == 3


def test_a_worker_is_another_process_and_kept(shared: WorkerExecutor) -> None:
    """The next task finds it there, as nice as threads that work on pixels, and with no task to be seen."""
    first = worker_of(shared)
    assert first != os.getpid()
    assert worker_of(shared) == first
    assert psutil.Process(first).nice() == 10


def test_a_worker_is_replaced_after_so_many_tasks() -> None:
    """Whatever it has gathered goes with it. Nothing is left of it."""
    executor = WorkerExecutor(PIXELS, bounds=Bounds(tasks=3), program=PROGRAM)
    try:
        first = worker_of(executor)
        before = psutil.Process().num_fds()
        asked = [first, *(worker_of(executor) for _ in range(9))]
        assert [asked.count(each) for each in dict.fromkeys(asked)] == [3, 3, 3, 1]
        assert psutil.Process().num_fds() == before
        assert len(psutil.Process(executor._server.pid).children()) == 1
    finally:
        executor.close()


def test_a_worker_that_has_grown_is_replaced() -> None:
    """What it keeps for itself is not there for others."""
    executor = WorkerExecutor(PIXELS, bounds=Bounds(kept_bytes=1), program=PROGRAM)
    try:
        assert worker_of(executor) != worker_of(executor)
    finally:
        executor.close()


def test_several_work_at_once(shared: WorkerExecutor) -> None:
    """A worker for each thread that asks."""
    together = threading.Barrier(3)

    def task(_: int) -> int:
        together.wait(20)
        return shared.execute(Swell(byte_size=MIB), file()).nbytes

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(task, range(3))) == [MIB] * 3


def test_nothing_gets_out(shared: WorkerExecutor, tmp_path: Path) -> None:
    """No file, no socket, no process, no signal: all is denied, with nothing left of the attempts."""
    (tmp_path / "there").touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = Escape(folder=str(tmp_path), port=listener.getsockname()[1])
        assert shared.execute(task, file()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_all_protections_of_this_kernel_are_in_force(shared: WorkerExecutor) -> None:
    """As the kernel says, not as the worker does."""
    said = shared.protections()
    status = Path(f"/proc/{worker_of(shared)}/status").read_text()
    assert said.isolation == "worker"
    assert "NoNewPrivs:\t1" in status
    assert ("Seccomp:\t2" in status) is said.seccomp
    assert {"AS", "CORE", "CPU", "FSIZE", "NOFILE", "NPROC"} <= set(said.limits)
    limits = Path(f"/proc/{worker_of(shared)}/limits").read_text().splitlines()
    assert any(line.startswith("Max file size") and " 0 " in line for line in limits)


def test_a_worker_is_told_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Secrets stand there at times; nor has it any open file but its channel."""
    monkeypatch.setenv("SOME_SECRET", "sesame")
    executor = WorkerExecutor(PIXELS, program=PROGRAM)
    try:
        worker = psutil.Process(worker_of(executor))
        assert "SOME_SECRET" not in worker.parent().environ()
        assert worker.num_fds() == 4
    finally:
        executor.close()


def test_a_task_that_takes_too_long_is_ended(hasty: WorkerExecutor) -> None:
    """Its process is killed; the next one is served by another."""
    before = worker_of(hasty)
    with pytest.raises(TooSlow, match="took longer than"):
        hasty.execute(Spin(), file())
    assert not psutil.pid_exists(before)
    assert worker_of(hasty) != before


@pytest.mark.parametrize("before", [True, False])
def test_a_task_that_nobody_waits_for_ends_at_a_checkpoint(shared: WorkerExecutor, before: bool) -> None:
    """Said before it began or while it runs; its worker goes on with others, and no descriptor is left."""
    worker = worker_of(shared)
    descriptors = psutil.Process().num_fds(), psutil.Process(worker).num_fds()
    stop, idle = Stop(), len(shared._idle)
    with ThreadPoolExecutor(1) as threads:
        if before:
            stop.set()
        running = threads.submit(shared.execute, Heed(), file(), None, stop)
        while len(shared._idle) == idle and not running.done():
            time.sleep(0.001)
        stop.set()
        with pytest.raises(Superseded):
            running.result(20)
    assert worker_of(shared) == worker
    assert (psutil.Process().num_fds(), psutil.Process(worker).num_fds()) == descriptors


NONSENSE = [
    pytest.param(Crash(), id="crash"),
    pytest.param(Lie(), id="result of another type"),
    pytest.param(Babble(said=b"\xff" * 64), id="no reply"),
    pytest.param(Babble(said=struct.pack("=BIQ", 0, 0, 1 << 40)), id="a result larger than may be"),
    pytest.param(Babble(said=struct.pack("=BIQ", 0, 1 << 30, 0)), id="a log larger than may be"),
    pytest.param(Babble(said=struct.pack("=BIQ", 0, 0, 3) + b"\xc1\xc1\xc1"), id="no msgpack"),
]


@pytest.mark.parametrize("task", NONSENSE)
def test_a_worker_that_dies_or_talks_nonsense_fails_its_task_alone(
    shared: WorkerExecutor, task: Odd, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not used any more."""
    before = worker_of(shared)
    with pytest.raises(WorkerDied):
        shared.execute(task, file(), MIB)  # type: ignore[arg-type]
    assert "a worker ended by signal" in caplog.text
    assert not psutil.pid_exists(before)
    assert worker_of(shared) != before


def test_a_task_gets_no_more_memory_than_it_may_take(shared: WorkerExecutor) -> None:
    """The worker says so and goes on."""
    assert shared.execute(Take(byte_size=200 * MIB), file(), 300 * MIB) == 200 * MIB
    before = worker_of(shared)
    with pytest.raises(MemoryError):
        shared.execute(Take(byte_size=600 * MIB), file(), 300 * MIB)
    assert psutil.pid_exists(before)


def test_a_mistake_of_ours_is_logged_with_its_traceback(
    shared: WorkerExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    """By the server: a worker can write nowhere."""
    with pytest.raises(RuntimeError):
        shared.execute(Fail(), file())
    assert "ZeroDivisionError: somewhere deep" in caplog.text
    assert "carry_out" in caplog.text
    caplog.clear()
    worker_of(shared)
    assert not caplog.text


def test_an_idle_worker_that_was_killed_costs_no_task(shared: WorkerExecutor) -> None:
    """Nor does the process that workers come from."""
    kill(worker_of(shared))
    before = worker_of(shared)
    parent = psutil.Process(before).parent()
    assert parent is not None
    parent.kill()
    psutil.wait_procs([parent, psutil.Process(before)], timeout=20)
    assert worker_of(shared) != before


def test_closing_ends_what_runs() -> None:
    """Who waits is told; neither processes nor descriptors are left."""
    before = psutil.Process().num_fds(), len(psutil.Process().children(recursive=True))
    executor = WorkerExecutor(PIXELS, bounds=BOUNDS, program=PROGRAM)
    executor.protections()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(executor.execute, Spin(), file())
        while not executor._server.pid or running.done():
            pass
        executor.close()
        with pytest.raises(ShuttingDown):
            running.result(20)
    with pytest.raises(ShuttingDown):
        executor.execute(Count(), file())
    executor.close()
    assert (psutil.Process().num_fds(), len(psutil.Process().children(recursive=True))) == before


def test_nothing_is_left_of_workers_that_died(shared: WorkerExecutor) -> None:
    """No descriptor, and no process that nobody has waited for."""
    worker_of(shared)
    before = psutil.Process().num_fds()
    for _ in range(3):
        with pytest.raises(WorkerDied):
            shared.execute(Crash(), file())
    assert psutil.Process().num_fds() <= before
    assert [each for each in workers() if each.status() == psutil.STATUS_ZOMBIE] == []


ORPHAN = """
import io, threading, sys
from infrastructure.pixels.worker_executor import WorkerExecutor
from tests.infrastructure.pixels.odd_tasks import Count, Spin
executor = WorkerExecutor(1_000_000, program=("-m", "tests.infrastructure.pixels.odd_tasks"))
print(executor.execute(Count(), io.BytesIO())[1], flush=True)
executor.execute(Spin(), io.BytesIO())
"""


def test_workers_end_with_the_process_that_they_work_for() -> None:
    """However it ends, and whatever they are at."""
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker = psutil.Process(int(process.stdout.readline()))
        server = worker.parent()
        assert server is not None
        process.kill()
    _, alive = psutil.wait_procs([worker, server], timeout=20)
    assert alive == []


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_worker_makes_the_same_bytes_as_a_thread(shared: WorkerExecutor, media_type: MediaType) -> None:
    """From every format, into every format that can be written."""
    alpha = media_type in {MediaType.PNG, MediaType.WEBP, MediaType.TIFF}
    pixels = picture(320, 200)
    content = written(to_pil(with_alpha(pixels) if alpha else pixels), media_type)
    task = _render(media_type, 320, 200)
    there, here = shared.execute(task, file(content)), DirectExecutor().execute(task, file(content))
    assert not there.failed
    assert there.made == here.made


@pytest.mark.parametrize(
    "options", [{}, {"tile_size": 64}, {"exif": exif(6)}, {"quality": -1, "chroma": 444}]
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_heic_is_decoded_without_a_thread(
    shared: WorkerExecutor, mode: str, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Its decoder would begin one for each picture, which is denied: what comes back is what comes here."""
    written_as = io.BytesIO()
    pillow_heif.from_pillow(to_pil(picture(320, 200)).convert(mode)).save(written_as, **options)
    content = written_as.getvalue()
    header = inspect(content)
    here, render, examine = DirectExecutor(), _render(MediaType.HEIC, *header.shown_size), Examine(header)
    rendered = shared.execute(render, file(content))
    assert not rendered.failed
    assert rendered == here.execute(render, file(content))
    examined = shared.execute(examine, file(content))
    assert examined.findings is not None
    assert examined == here.execute(examine, file(content))
    assert not caplog.text


def test_memory_that_heic_does_not_get_is_no_damage() -> None:
    """It may be there the next time. The worker is new: one that has worked keeps some memory."""
    written_as = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (2000, 2000))).save(written_as)
    content = written_as.getvalue()
    executor = WorkerExecutor(PIXELS, bounds=BOUNDS, program=PROGRAM)
    try:
        less_than_any_task_gets = -30 * MIB
        made = executor.execute(Examine(inspect(content)), file(content), less_than_any_task_gets)
    finally:
        executor.close()
    assert made.failure is not None
    assert (made.failure.code, made.failure.final) == ("OUT_OF_MEMORY", False)


def _render(media_type: MediaType, width: int, height: int) -> Render:
    recipe = Recipe((Step("resize", {"width": 90}), Step("grayscale")))
    requests = {each.value: (recipe, default_output(each)) for each in MediaType}
    return Render(ImageHeader(media_type, width, height), requests)


def test_no_pixel_is_what_memory_happened_to_hold() -> None:
    """New memory is filled with one byte here and with another there: the files made are equal."""
    made = []
    for filling in ("1", "170"):
        executor = WorkerExecutor(PIXELS, environment={"MALLOC_PERTURB_": filling})
        try:
            made.append([_all_made(executor, media_type) for media_type in FORMATS])
        finally:
            executor.close()
    assert made[0] == made[1]


def test_a_damaged_heic_shows_nothing_that_memory_happened_to_hold() -> None:
    """Its decoder goes on where it can."""
    written_as = io.BytesIO()
    pillow_heif.from_pillow(to_pil(picture(96, 64))).save(written_as)
    content = written_as.getvalue()
    header, rng, start = inspect(content), random.Random(1), content.index(b"mdat") + 8
    broken = [bytearray(content) for _ in range(50)]
    for each in broken:
        each[rng.randrange(start, len(each))] ^= 1 + rng.randrange(255)
    found = []
    for filling in ("1", "170"):
        executor = WorkerExecutor(PIXELS, environment={"MALLOC_PERTURB_": filling})
        try:
            found.append([executor.execute(Examine(header), file(bytes(each))) for each in broken])
        finally:
            executor.close()
    assert found[0] == found[1]
    assert sum(each.findings is not None for each in found[0]) > 25


def _all_made(executor: WorkerExecutor, media_type: MediaType) -> dict[str, bytes]:
    content = written(to_pil(picture(123, 77)), media_type)
    renditions = executor.execute(_render(media_type, 123, 77), file(content))
    assert not renditions.failed
    return {name: bytes(encoded.content) for name, encoded in renditions.made.items()}


def test_a_worker_that_ended_before_it_began_is_no_worker() -> None:
    """As when what it was forked from is killed in that moment: another one is started then."""
    ours, theirs = socket.socketpair()
    nobody = 1 << 30
    with ours, theirs, closing(ForkServerProcess(PIXELS, {}, PROGRAM)) as server, pytest.raises(CannotStart):
        WorkerProcess(server, nobody, ours)
