"""What must be true of the process before pixels are worked on.

OpenCV reads its limits once, when it is imported: `prepare` comes first in the process, before anything
imports cv2 and before a thread is started. `verify` comes at start, and looks whether it did.
"""

import ctypes
import math
import os
import struct
from collections.abc import Callable
from typing import Final

from domain.errors import DamagedFile
from domain.header import ImageHeader, MediaType

LARGEST_SIDE: Final = 32_768
"""In pixels, of any picture that is decoded."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""What mallopt can set (malloc.h)."""

_ALLOCATOR: Final = {_MMAP_THRESHOLD: 1 << 30, _TRIM_THRESHOLD: (1 << 31) - 1, _ARENA_MAX: 1}
"""Pixels are taken from memory that is there already: an `mmap` per picture costs a page fault for each
4 KiB, a third of the time of a decode."""


class UnsafeEnvironmentError(RuntimeError):
    """Pixels must not be worked on in this process."""


def prepare(pixels: int, side: int) -> None:
    """Set limits and allocator: at most so many pixels in all, and on a side, are ever decoded."""
    os.environ.update(
        OPENCV_IO_MAX_IMAGE_PIXELS=str(pixels),
        OPENCV_IO_MAX_IMAGE_WIDTH=str(side),
        OPENCV_IO_MAX_IMAGE_HEIGHT=str(side),
        OPENCV_LOG_LEVEL="SILENT",
    )
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        for parameter, value in _ALLOCATOR.items():
            mallopt(parameter, value)


def verify(pixels: int) -> None:
    """Make OpenCV leave threads to us, and see that its limit is in force. Takes about a millisecond.

    Raises UnsafeEnvironmentError.
    """
    import cv2  # noqa: PLC0415 -- not before `prepare`

    cv2.setNumThreads(1)
    if cv2.getNumThreads() != 1:
        raise UnsafeEnvironmentError("OpenCV does not work in one thread, although told to.")
    if not _decodes(1, 1):
        raise UnsafeEnvironmentError("OpenCV does not decode a good GIF.")
    width = math.isqrt(pixels) + 1
    if _decodes(width, pixels // width + 1):
        raise UnsafeEnvironmentError(
            f"OpenCV decodes images of more than {pixels:,} pixels. Its limit is read when cv2 is imported: "
            "something imported cv2 before infrastructure.pixels.environment.prepare was called."
        )


def give_memory_back() -> None:
    """Return what the allocator keeps to the system, where it can; takes some milliseconds."""
    malloc_trim = _glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _decodes(width: int, height: int) -> bool:
    """Whether a GIF of 37 bytes with a canvas of this size, and one pixel on it, is decoded."""
    from infrastructure.pixels.codec import decode  # noqa: PLC0415 -- not before `prepare`

    gif = struct.pack("<6sHH3x", b"GIF89a", width, height) + b"\x2c\0\0\0\0\1\0\1\0\x80\0\0\0\xff\xff\xff"
    try:
        decode(gif + b"\x02\x02\x44\x01\x00\x3b", ImageHeader(MediaType.GIF, width, height))
    except DamagedFile:
        return False
    return True


def _glibc(name: str) -> Callable[..., int] | None:
    """A function of the GNU C library; None where that is not the C library."""
    if "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}):
        return None
    return getattr(ctypes.CDLL(None), name, None)
