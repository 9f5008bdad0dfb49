"""All that tasks import, or open at their first use, before a process is locked in."""

from __future__ import annotations

import importlib
from contextlib import suppress

import numpy as np

import infrastructure.pixels.worker  # noqa: F401  (what a worker is made of)
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import operations
from domain.output import default_output
from infrastructure.pixels.codec import decode, encode
from infrastructure.pixels.examine import Examine


def warm_up() -> None:
    """Takes some milliseconds after the imports."""
    operations()
    pixels = np.zeros((8, 8, 3), np.uint8)
    for media_type in MediaType:
        output = default_output(media_type)
        header = ImageHeader(output.media_type, 8, 8)
        content = bytes(encode(pixels, output))
        decode(content, header)
        Examine(header).carry_out(content)
    importlib.import_module("numpy.ma")  # numpy does so itself, when some of its functions are called
    with suppress(ImportError):  # an extra, which need not be there
        importlib.import_module("pillow_heif")
