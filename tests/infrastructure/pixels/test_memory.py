"""The memory that a job is said to take is what it takes at most."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import resolve
from domain.recipe import Recipe, Step
from infrastructure.pixels.memory import memory
from tests.infrastructure.pixels.files import FORMATS

THUMBNAIL = resolve(Recipe((Step("resize", {"width": 256}),)))
LARGE = resolve(Recipe((Step("resize", {"width": 5000, "height": 5000}), Step("resize", {"width": 10}))))


def needed(media_type: MediaType, width: int = 4000, height: int = 3000, scale: int = 1) -> int:
    return memory(ImageHeader(media_type, width, height), scale, [THUMBNAIL])


def test_more_pixels_take_more_memory() -> None:
    """Decoded ones, and those of the largest picture on the way to a rendition."""
    assert needed(MediaType.PNG, 8000) > needed(MediaType.PNG, 4000) > 32 * 12_000_000
    header = ImageHeader(MediaType.PNG, 40, 30)
    assert memory(header, 1, [THUMBNAIL, LARGE]) > 25_000_000 * 16 > memory(header, 1, [THUMBNAIL])


def test_a_smaller_copy_takes_less() -> None:
    """But a progressive JPEG is held whole, and nobody knows before."""
    assert needed(MediaType.JPEG, scale=8) < needed(MediaType.JPEG)
    assert needed(MediaType.JPEG, scale=8) > 8 * 12_000_000


def test_what_follows_a_size_unknown_takes_the_most_that_it_may() -> None:
    """A thin rest of a trimmed picture becomes as high as can be, where only the width is given."""
    header = ImageHeader(MediaType.PNG, 40, 30)
    trim, wide = Step("trim"), Step("resize", {"width": 1000})
    known = resolve(Recipe((trim, Step("resize", {"width": 100, "height": 100}))))
    unknown = resolve(Recipe((trim, wide)))
    assert memory(header, 1, [known]) < 100_000_000
    assert memory(header, 1, [unknown]) > 16 * 30_000 * 1000
    assert memory(header, 1, [resolve(Recipe((wide, trim)))]) < 16 * 30_000 * 1000


PEAK = """
import sys
from pathlib import Path
from infrastructure.pixels.environment import prepare, verify
prepare(50_000_000, 32_768)
verify(50_000_000)
import cv2, numpy as np
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import operations, resolve
from domain.output import default_output
from domain.recipe import Recipe, Step
from infrastructure.pixels.codec import decode, encode
from infrastructure.pixels.memory import memory
operations()

def status(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) * 1024

media_type = MediaType(sys.argv[1])
random = np.random.default_rng(1)
pixels = cv2.resize(random.integers(0, 65535, (30, 40, 4), np.uint16), (1200, 900))
content = bytes(encode(pixels, default_output(media_type)))
del pixels
header = ImageHeader(media_type, 1200, 900, orientation=6)
calls = [resolve(Recipe((Step("resize", {"width": width}),))) for width in (100, 850)]
before = status("VmRSS")
decoded = decode(content, header)
for steps in calls:
    made = steps[0].apply(decoded)
    encode(made, default_output(media_type))
print(status("VmHWM") - before, memory(header, 1, calls) - (64 << 20))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from procfs")
@pytest.mark.parametrize("media_type", FORMATS)
def test_the_peak_stays_below_what_was_said(media_type: MediaType) -> None:
    """Measured in a process of its own, without the part that does not go by pixels."""
    command = [sys.executable, "-c", PEAK, media_type]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    peak, said = map(int, done.stdout.split())
    assert peak <= said
