"""Files to pixels and back, by OpenCV. No other module decodes, but `libheif` what OpenCV does not know.

What is decoded has passed the gate, which has said what it is. OpenCV looks for itself; where it finds
another size than the gate did, the file is refused. Pixels are as `domain.operations.catalogue` has them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from domain.errors import DamagedFile, InvalidInput
from domain.header import EXTENSIONS, ImageHeader, MediaType
from domain.operations.catalogue import Pixels
from domain.output import Output, default_output
from infrastructure.pixels import avif, heic, png, tiff
from infrastructure.pixels.channels import WHITE, opaque, three_or_four, to_8_bit
from infrastructure.pixels.colors import CONVERTED, to_srgb
from infrastructure.pixels.embedded import profile_in
from infrastructure.pixels.icc import ColorSpace

SCALES: Final = {1: 0, 2: 16, 4: 32, 8: 64}
"""How much smaller a JPEG can be decoded, and the bit of IMREAD_REDUCED_* that asks for it."""

_AS_STORED: Final = cv2.IMREAD_COLOR | cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH

_UPRIGHT: Final[dict[int, Callable[[Pixels], Pixels]]] = {
    1: lambda pixels: pixels,
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.flip(pixels, -1),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.flip(cv2.transpose(pixels), -1),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""What makes a picture upright, by its orientation as EXIF numbers it."""

_CORRECTIONS: Final[dict[MediaType, Callable[[Pixels, bytes], Pixels]]] = {
    MediaType.AVIF: avif.corrected,
    MediaType.PNG: png.corrected,
    MediaType.TIFF: tiff.corrected,
}

_DEEP: Final = {MediaType.PNG, MediaType.TIFF}
_WITHOUT_ALPHA: Final = {MediaType.JPEG, MediaType.BMP}
_LONGEST_SIDE: Final = {MediaType.WEBP: 16_383}

_SETTINGS: Final = {
    MediaType.AVIF: (cv2.IMWRITE_AVIF_SPEED, 9),
    MediaType.TIFF: (cv2.IMWRITE_TIFF_COMPRESSION, cv2.IMWRITE_TIFF_COMPRESSION_LZW),
}
_QUALITY: Final = {
    MediaType.JPEG: cv2.IMWRITE_JPEG_QUALITY,
    MediaType.WEBP: cv2.IMWRITE_WEBP_QUALITY,
    MediaType.AVIF: cv2.IMWRITE_AVIF_QUALITY,
}
_LOSSLESS: Final = {
    MediaType.WEBP: (cv2.IMWRITE_WEBP_LOSSLESS_MODE, cv2.IMWRITE_WEBP_LOSSLESS_PRESERVE_COLOR),
    MediaType.AVIF: (cv2.IMWRITE_AVIF_SPEED, 9, cv2.IMWRITE_AVIF_QUALITY, 100),
}
"""Of 8 bits each. At 100, OpenCV has AVIF code red, green and blue as they are."""

NO_MEMORY: Final = -4
"""StsNoMem of OpenCV's error codes."""


def decode(content: bytes, header: ImageHeader, *, scale: int = 1, gray: bool = False) -> Pixels:
    """The first frame, upright, in sRGB. Alpha and 16 bits are kept; deeper samples come as 16 bits.

    `scale` (1, 2, 4, 8) divides the size, rounded up, and `gray` asks for the luma of ITU-R BT.601
    alone; both are for JPEG only. Raises DamagedFile and MemoryError.
    """
    space = _space(content, header)
    if header.media_type is MediaType.HEIC:
        header, pixels = heic.as_decoded(header), heic.decoded(content)
    else:
        flags = _flags(header, scale, gray=gray and space not in CONVERTED)
        pixels = _decoded(_readable(content, header), flags)
    size = (-(-header.width // scale), -(-header.height // scale))
    if pixels is None or (pixels.shape[1], pixels.shape[0]) != size:
        kind = EXTENSIONS[header.media_type].upper()
        raise DamagedFile(f"The {kind} cannot be decoded: it is damaged, or of an unsupported kind.")
    correct = _CORRECTIONS.get(header.media_type)
    pixels = _in_srgb(correct(pixels, content) if correct else pixels, space, gray=gray)
    return _UPRIGHT[header.orientation](pixels)


def encode(pixels: Pixels, output: Output) -> memoryview:
    """A file without any metadata. Formats without alpha show the picture on white, where the output names
    no background; formats without 16 bits get 8. Raises InvalidInput where the format cannot hold the
    size."""
    media_type = output.media_type
    extension = f".{EXTENSIONS[media_type]}"
    longest = _LONGEST_SIDE.get(media_type)
    if longest is not None and max(pixels.shape[:2]) > longest:
        raise InvalidInput(f"A side of a {extension[1:].upper()} has at most {longest:,} pixels.")
    prepared = _prepared(pixels, output)
    done, content = cv2.imencode(extension, prepared, _parameters(prepared, output))
    if not done:
        raise RuntimeError(f"OpenCV does not encode {pixels.shape} {pixels.dtype} as {extension}")
    return content.data


def _flags(header: ImageHeader, scale: int, *, gray: bool) -> int:
    """UNCHANGED alone keeps alpha and depth, and never turns the picture. For JPEG the same is said in
    three flags, to which a scale can be added."""
    if header.media_type is not MediaType.JPEG:
        return cv2.IMREAD_UNCHANGED
    color = cv2.IMREAD_GRAYSCALE if gray else _AS_STORED
    return color | SCALES[scale] | cv2.IMREAD_IGNORE_ORIENTATION


def _space(content: bytes, header: ImageHeader) -> ColorSpace:
    """What a file does not say, or says in a way that is not known, is taken for sRGB."""
    profile = profile_in(content, header.media_type)
    return profile.space if profile else ColorSpace.SRGB


def _in_srgb(pixels: Pixels, space: ColorSpace, *, gray: bool) -> Pixels:
    """Converted before anything else happens; the luma of a decoder would be that of the other space."""
    if space not in CONVERTED:
        return pixels
    converted = to_srgb(pixels, space)
    return cv2.cvtColor(converted, cv2.COLOR_BGR2GRAY) if gray and converted.ndim == 3 else converted


def _readable(content: bytes, header: ImageHeader) -> bytes:
    """A file that OpenCV reads as it is meant. TIFF it turns whatever the flags, and for tiles wrongly: its
    orientation is taken out."""
    if header.media_type is MediaType.AVIF:
        return avif.undescribed(content)
    turned = header.media_type is MediaType.TIFF and header.orientation != 1
    return tiff.upright(content) if turned else content


def _decoded(content: bytes, flags: int) -> Pixels | None:
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error as error:
        if error.code == NO_MEMORY:
            raise MemoryError(error.err) from error
        return None


def _prepared(pixels: Pixels, output: Output) -> Pixels:
    """The picture in a depth and in channels that the format has and that OpenCV takes."""
    media_type = output.media_type
    if media_type not in _DEEP:
        pixels = to_8_bit(pixels)
    if output.background or media_type in _WITHOUT_ALPHA:
        pixels = opaque(pixels, output.background or WHITE)
    if pixels.ndim == 2 and media_type is MediaType.GIF:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    return three_or_four(pixels)


def _parameters(pixels: Pixels, output: Output) -> tuple[int, ...]:
    if output.media_type is MediaType.GIF:
        return _gif_parameters(pixels)
    if output.lossless:
        return _LOSSLESS[output.media_type]
    settings = _SETTINGS.get(output.media_type, ())
    if output.media_type not in _QUALITY:
        return settings
    quality = output.quality or default_output(output.media_type).quality
    return (*settings, _QUALITY[output.media_type], quality)


def _gif_parameters(pixels: Pixels) -> tuple[int, ...]:
    """256 colours chosen for the picture, not dithered (OpenCV's own choice, 3:3:2 bits, is 15 dB worse);
    half transparent or more is transparent."""
    threshold = 128 if pixels.shape[2] == 4 else 0
    return (cv2.IMWRITE_GIF_DITHER, 3, cv2.IMWRITE_GIF_TRANSPARENCY, threshold)
