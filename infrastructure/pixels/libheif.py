"""Pictures decoded by libheif, through its C interface and in the thread that asks.

It is the library that pillow_heif brings. pillow_heif itself passes on how many threads libheif uses, but
not how many its decoder does, which is one at least: none can be begun in a worker.
"""

from __future__ import annotations

import ctypes
import importlib
from contextlib import ExitStack
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from domain.operations.catalogue import Pixels

_OPTIONS_WITH_THREADS: Final = 8
"""The version of the options from which on they name threads: libheif 1.21."""

_NO_THREADS: Final = -1
"""0 leaves the decoder what it likes; less than 1 is what libde265 begins no thread for."""

# heif_error.h
_OK, _NO_MEMORY = 0, 6
_OVER_A_LIMIT: Final = 1000

# heif_image.h
_MONOCHROME, _RGB = 2, 1
_GRAY: Final = 0
_INTERLEAVED: Final = {(3, 8): 10, (4, 8): 11, (3, 16): 14, (4, 16): 15}
"""heif_chroma_*, by channels and bits of what comes out."""

_Y_CHANNEL, _INTERLEAVED_CHANNEL = 0, 10


class Image(NamedTuple):
    """Gray, RGB or RGBA, turned and cut as it is shown, of `depth` bits in uint8 or uint16."""

    pixels: Pixels
    depth: int
    premultiplied_alpha: bool


class HeifError(Exception):
    """The picture cannot be decoded."""


class _Error(ctypes.Structure):
    _fields_ = (("code", ctypes.c_int), ("detail", ctypes.c_int), ("message", ctypes.c_char_p))


class _ColorConversion(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_uint8),
        ("downsampling", ctypes.c_int),
        ("upsampling", ctypes.c_int),
        ("only_these", ctypes.c_uint8),
    )


class _Options(ctypes.Structure):
    """heif_decoding_options up to the threads. libheif allocates it, and adds at its end alone."""

    _fields_ = (
        ("version", ctypes.c_uint8),
        ("ignore_transformations", ctypes.c_uint8),
        ("start_progress", ctypes.c_void_p),
        ("on_progress", ctypes.c_void_p),
        ("end_progress", ctypes.c_void_p),
        ("progress_user_data", ctypes.c_void_p),
        ("convert_hdr_to_8bit", ctypes.c_uint8),
        ("strict_decoding", ctypes.c_uint8),
        ("decoder_id", ctypes.c_char_p),
        ("color_conversion", _ColorConversion),
        ("cancel_decoding", ctypes.c_void_p),
        ("color_conversion_ext", ctypes.c_void_p),
        ("ignore_sequence_editlist", ctypes.c_int),
        ("output_image_nclx_profile", ctypes.c_void_p),
        ("num_library_threads", ctypes.c_int),
        ("num_codec_threads", ctypes.c_int),
    )


_POINTER, _NUMBER = ctypes.c_void_p, ctypes.c_int
_FUNCTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "heif_context_alloc": (_POINTER,),
    "heif_context_free": (None, _POINTER),
    "heif_context_set_max_decoding_threads": (None, _POINTER, _NUMBER),
    "heif_context_read_from_memory_without_copy": (
        _Error, _POINTER, ctypes.c_char_p, ctypes.c_size_t, _POINTER
    ),
    "heif_context_get_primary_image_handle": (_Error, _POINTER, _POINTER),
    "heif_image_handle_release": (None, _POINTER),
    "heif_image_handle_get_luma_bits_per_pixel": (_NUMBER, _POINTER),
    "heif_image_handle_has_alpha_channel": (_NUMBER, _POINTER),
    "heif_image_handle_is_premultiplied_alpha": (_NUMBER, _POINTER),
    "heif_image_handle_get_preferred_decoding_colorspace": (_Error, _POINTER, _POINTER, _POINTER),
    "heif_decoding_options_alloc": (ctypes.POINTER(_Options),),
    "heif_decoding_options_free": (None, ctypes.POINTER(_Options)),
    "heif_decode_image": (_Error, _POINTER, _POINTER, _NUMBER, _NUMBER, ctypes.POINTER(_Options)),
    "heif_image_release": (None, _POINTER),
    "heif_image_get_width": (_NUMBER, _POINTER, _NUMBER),
    "heif_image_get_height": (_NUMBER, _POINTER, _NUMBER),
    "heif_image_get_plane_readonly": (_POINTER, _POINTER, _NUMBER, _POINTER),
}  # fmt: skip
"""What each returns, and what it takes."""


def decode(content: bytes) -> Image:
    """The main image. Raises HeifError and MemoryError."""
    heif = library()
    with ExitStack() as freed:
        context = heif.heif_context_alloc()
        freed.callback(heif.heif_context_free, context)
        heif.heif_context_set_max_decoding_threads(context, 0)
        _check(heif.heif_context_read_from_memory_without_copy(context, content, len(content), None))
        handle = ctypes.c_void_p()
        _check(heif.heif_context_get_primary_image_handle(context, ctypes.byref(handle)))
        freed.callback(heif.heif_image_handle_release, handle)
        return _decoded(heif, handle, freed)


def _decoded(heif: ctypes.CDLL, handle: ctypes.c_void_p, freed: ExitStack) -> Image:
    depth: int = heif.heif_image_handle_get_luma_bits_per_pixel(handle)
    channels = _channels(heif, handle)
    space, chroma = _MONOCHROME, _GRAY
    if channels > 1:
        space, chroma = _RGB, _INTERLEAVED[channels, 8 if depth == 8 else 16]
    options = heif.heif_decoding_options_alloc()
    freed.callback(heif.heif_decoding_options_free, options)
    if options.contents.version >= _OPTIONS_WITH_THREADS:
        options.contents.num_codec_threads = _NO_THREADS
    image = ctypes.c_void_p()
    _check(heif.heif_decode_image(handle, ctypes.byref(image), space, chroma, options))
    freed.callback(heif.heif_image_release, image)
    pixels = _plane(heif, image, channels, np.dtype(np.uint8 if depth == 8 else "<u2"))
    return Image(pixels, depth, bool(heif.heif_image_handle_is_premultiplied_alpha(handle)))


def _channels(heif: ctypes.CDLL, handle: ctypes.c_void_p) -> int:
    if heif.heif_image_handle_has_alpha_channel(handle):
        return 4
    space, chroma = ctypes.c_int(), ctypes.c_int()
    _check(
        heif.heif_image_handle_get_preferred_decoding_colorspace(
            handle, ctypes.byref(space), ctypes.byref(chroma)
        )
    )
    return 1 if space.value == _MONOCHROME else 3


def _plane(heif: ctypes.CDLL, image: ctypes.c_void_p, channels: int, dtype: np.dtype[np.generic]) -> Pixels:
    """A copy of all pixels, without what stands between the rows."""
    channel = _Y_CHANNEL if channels == 1 else _INTERLEAVED_CHANNEL
    width = heif.heif_image_get_width(image, channel)
    height = heif.heif_image_get_height(image, channel)
    stride = ctypes.c_int()
    start = heif.heif_image_get_plane_readonly(image, channel, ctypes.byref(stride))
    if not start or width < 1 or height < 1:
        raise HeifError("no pixels")
    plane = np.frombuffer((ctypes.c_uint8 * (stride.value * height)).from_address(start), np.uint8)
    rows = plane.reshape(height, stride.value)[:, : width * channels * dtype.itemsize]
    pixels: Pixels = rows.copy().view(dtype)
    return pixels if channels == 1 else pixels.reshape(height, width, channels)


def _check(error: _Error) -> None:
    if error.code == _NO_MEMORY and error.detail != _OVER_A_LIMIT:
        raise MemoryError
    if error.code != _OK:
        raise HeifError((error.message or b"").decode(errors="replace"))


@cache
def library() -> ctypes.CDLL:
    """Opens it, the first time. Raises ImportError where the extra is not installed."""
    module = importlib.import_module("_pillow_heif")  # which is linked with it
    heif = ctypes.CDLL(str(module.__file__))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(heif, name)
        function.restype, function.argtypes = result, arguments
    return heif
