"""What a file takes of the machine, in a worker that works on nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import psutil

from domain.errors import UnacceptableFile
from domain.operations.catalogue import resolve
from domain.presets import Presets, output_for
from infrastructure import gate
from infrastructure.pixels.memory import memory
from infrastructure.pixels.plan import plan
from infrastructure.pixels.tasks import Render
from infrastructure.pixels.worker_executor import Bounds, WorkerExecutor
from tests.nasty.case import Case

LIMITS = gate.Limits(pixels=50_000_000)


class Taken(NamedTuple):
    path: str
    cpu_seconds: float
    peak_bytes: int


def taken(cases: Iterable[Case], path: Path) -> Iterator[Taken]:
    """By each file that the gate lets through, rendered by all presets. `path` is a file to be written."""
    with closing(WorkerExecutor(LIMITS.pixels, bounds=Bounds(kept_bytes=1 << 40))) as executor:
        for case in cases:
            path.write_bytes(case.data)
            try:
                header = gate.inspect_file(path, limits=LIMITS)
            except UnacceptableFile:
                continue
            presets = {each.name: (each.recipe, output_for(each, header.media_type)) for each in Presets()}
            yield _taken(executor, case, path, Render(header, presets))


def _taken(executor: WorkerExecutor, case: Case, path: Path, task: Render) -> Taken:
    calls = [resolve(recipe) for recipe, _ in task.requests.values()]
    cost = len(case.data) + memory(task.header, plan(task.header, calls).scale, calls)
    with path.open("rb") as file:
        executor.execute(task, file, cost)  # what is wrong with the file stands in the result
    worker = executor._idle.pop()
    times = psutil.Process(worker.pid).cpu_times()
    peak = _peak(worker.pid)
    worker.end()
    return Taken(case.path, times.user + times.system, peak)


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
