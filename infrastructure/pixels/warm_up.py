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


def warm_up() -> None:
    """Takes some milliseconds after the imports."""
    operations()
    with suppress(ImportError):
        importlib.import_module("pillow_heif")
    pixels = np.zeros((8, 8, 3), np.uint8)
    for media_type in set(MediaType) - {MediaType.HEIC}:  # which is not written
        decode(bytes(encode(pixels, default_output(media_type))), ImageHeader(media_type, 8, 8))
