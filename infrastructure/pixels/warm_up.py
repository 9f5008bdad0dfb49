"""All that tasks import, or open at their first use, before a process is locked in."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Final

import numpy as np

import infrastructure.pixels.worker  # noqa: F401  (what a worker is made of)
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import operations
from domain.output import default_output
from infrastructure.pixels import libheif
from infrastructure.pixels.codec import decode, encode
from infrastructure.pixels.examine import Examine

_LAZY: Final = ("numpy.ma", "encodings.ascii", "encodings.latin_1", "encodings.utf_16_be", "encodings.utf_16")
"""What numpy, and Python to decode texts of metadata and profiles, import when they first need it."""


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
    for name in _LAZY:
        importlib.import_module(name)
    with suppress(ImportError):  # an extra, which need not be there
        libheif.library()
