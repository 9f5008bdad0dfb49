"""What a file takes of the machine, in a worker that works on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil

from domain.errors import UnacceptableFile
from domain.header import ImageHeader
from domain.operations.catalogue import resolve
from domain.presets import Presets, output_for
from infrastructure import gate
from infrastructure.pixels.draw import PROXY, MakeProxy, proxy_size
from infrastructure.pixels.examine import Examine
from infrastructure.pixels.memory import cost, memory
from infrastructure.pixels.plan import plan
from infrastructure.pixels.tasks import Render, Renditions, Task
from infrastructure.pixels.worker_executor import Bounds, WorkerExecutor
from tests.nasty.case import Case

GROWN = 64 << 20
LIMITS = gate.Limits(pixels=50_000_000)


class Taken(NamedTuple):
    path: str
    task: str
    cpu_seconds: float
    peak_bytes: int


class Job(NamedTuple):
    """A task, and the memory that it is said to take; None: what a common one takes."""

    task: Task[Any]
    cost: int | None


def taken(cases: Iterable[Case], path: Path) -> Iterator[Taken]:
    """By each task on each file that the gate lets through. `path` is a file to be written.

    A worker does one after the other until it has grown: its peak is no less than that of each.
    """
    spent = 0.0
    with closing(WorkerExecutor(LIMITS.pixels, bounds=Bounds(tasks=1 << 40, kept_bytes=1 << 40))) as executor:
        for case, jobs in _worked_on(cases, path):
            for job in jobs:
                with path.open("rb") as file:
                    executor.execute(job.task, file, job.cost)  # what is wrong stands in the result
                (worker,) = executor._idle
                times, before = psutil.Process(worker.pid).cpu_times(), spent
                spent = times.user + times.system
                yield Taken(case.path, type(job.task).__name__, spent - before, _peak(worker.pid))
                if worker.resident_bytes > GROWN:
                    executor._idle.remove(worker)
                    worker.end()
                    spent = 0.0


def results(cases: Iterable[Case], path: Path, filling: str) -> dict[str, list[object]]:
    """What each task on each such file results in, by its path, where new memory is filled with a byte."""
    environment = {"MALLOC_PERTURB_": filling}
    with closing(WorkerExecutor(LIMITS.pixels, environment=environment)) as executor:
        return {
            case.path: [_result(executor, path, job) for job in jobs]
            for case, jobs in _worked_on(cases, path)
        }


def _result(executor: WorkerExecutor, path: Path, job: Job) -> object:
    with path.open("rb") as file:
        result = executor.execute(job.task, file, job.cost)
    return sha256(msgspec.msgpack.encode(result)).hexdigest() if isinstance(result, Renditions) else result


def _worked_on(cases: Iterable[Case], path: Path) -> Iterator[tuple[Case, list[Job]]]:
    """What is done with each file after its upload; it is written to the path meanwhile."""
    for case in cases:
        path.write_bytes(case.data)
        try:
            header = gate.inspect_file(path, limits=LIMITS)
        except UnacceptableFile:
            continue
        jobs = [_rendering(header, len(case.data)), Job(Examine(header), None)]
        if proxy_size(header) is not None:
            jobs.append(Job(MakeProxy(header), len(case.data) + cost(header, PROXY)))
        yield case, jobs


def _rendering(header: ImageHeader, byte_size: int) -> Job:
    """By all presets."""
    presets = {each.name: (each.recipe, output_for(each, header.media_type)) for each in Presets()}
    calls = [resolve(recipe) for recipe, _ in presets.values()]
    return Job(Render(header, presets), byte_size + memory(header, plan(header, calls).scale, calls))


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
