"""Peak memory of making one picture, beside what OpenCV takes that is used as it comes to hand.

As a program: `python -m bench.memory ours|bare FILE STEP` makes one in this process, and says how many bytes
it has taken beyond those there were before.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

from infrastructure.pixels.environment import LARGEST_SIDE, prepare

prepare(50_000_000, LARGEST_SIDE)

import cv2  # noqa: E402  (OpenCV reads its limits at import)
import numpy as np  # noqa: E402

from bench import peers  # noqa: E402
from bench.photos import camera_photographs  # noqa: E402
from bench.report import Row  # noqa: E402
from bench.servers import ROOT  # noqa: E402
from domain.header import MediaType  # noqa: E402
from domain.operations.catalogue import Pixels  # noqa: E402
from domain.output import Output  # noqa: E402
from domain.recipe import Recipe, Step  # noqa: E402
from infrastructure import gate  # noqa: E402
from infrastructure.pixels.draw import Draw  # noqa: E402

ROUNDS: Final = 3
STEPS: Final = {
    "300 x 300": Step("resize", {"width": 300, "height": 300}),
    "1600 px": Step("resize", {"width": 1600}),
    "gaussian_blur": Step("gaussian_blur", {"sigma": 2}),
}
BARE: Final[dict[str, Callable[[Pixels], Pixels]]] = {
    "300 x 300": lambda pixels: cv2.resize(pixels, (300, 300), interpolation=cv2.INTER_AREA),
    "1600 px": lambda pixels: cv2.resize(pixels, (1600, 1200), interpolation=cv2.INTER_AREA),
    "gaussian_blur": lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 2),
}


async def measure() -> list[Row]:
    await peers.fetched()
    return await asyncio.to_thread(_rows)


def _rows() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size, (photograph, *_) in camera_photographs(peers.photographs()).items():
            file = Path(folder, "photograph.jpg")
            file.write_bytes(photograph)
            for step in STEPS:
                ours, bare = (median(_taken(side, file, step)) for side in ("ours", "bare"))
                rows.append(
                    Row(f"memory of {step} of {size}", "MB", ours, bare, "OpenCV, decoding everything")
                )
    return rows


def _taken(side: str, file: Path, step: str) -> list[float]:
    command = [sys.executable, "-m", "bench.memory", side, str(file), step]
    run = [subprocess.run(command, cwd=ROOT, check=True, capture_output=True) for _ in range(ROUNDS)]
    return [int(each.stdout) / 1e6 for each in run]


def _make(side: str, file: Path, step: str) -> None:
    content = file.read_bytes()
    if side == "ours":
        Draw(gate.inspect_file(file), Recipe((STEPS[step],)), Output(MediaType.JPEG, 80)).carry_out(content)
    else:
        pixels = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
        cv2.imencode(".jpg", BARE[step](pixels), [cv2.IMWRITE_JPEG_QUALITY, 80])


def _memory(what: str) -> int:
    """Bytes, as the kernel says: VmRSS now, VmHWM at the most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def main(side: str, file: str, step: str) -> None:
    cv2.setNumThreads(1)
    warm = np.zeros((64, 64, 3), np.uint8)
    small = Path(file).with_suffix(".small.jpg")
    small.write_bytes(cv2.imencode(".jpg", warm)[1].tobytes())
    _make(side, small, step)
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew
    before = _memory("VmRSS")
    _make(side, Path(file), step)
    print(_memory("VmHWM") - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
