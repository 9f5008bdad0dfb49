"""JPEG by hand: codes of one bit, so that a block takes two bits at most."""

from tests.nasty.packing import be16

EOI = b"\xff\xd9"


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + be16(len(data) + 2) + data


QUANTIZATION = segment(0xDB, b"\0" + bytes([1] * 64))
ONE_BIT_CODES = b"".join(segment(0xC4, kind + bytes([1] + [0] * 15) + b"\x00") for kind in (b"\x00", b"\x10"))
"""A DC table whose only symbol is 0, and an AC table whose only symbol is the end of the block."""


def frame(marker: int, width: int, height: int, components: int) -> bytes:
    parts = b"".join(bytes([n + 1, 0x11, 0]) for n in range(components))
    return segment(marker, bytes([8]) + be16(height) + be16(width) + bytes([components]) + parts)


def scan(components: int, first: int, last: int) -> bytes:
    parts = b"".join(bytes([n + 1, 0]) for n in range(components))
    return segment(0xDA, bytes([components]) + parts + bytes([first, last, 0]))


def picture(
    width: int,
    height: int,
    components: int = 1,
    *,
    blocks: int = 0,
    progressive: bool = False,
    scans: int = 1,
    second: tuple[int, int] | None = None,
) -> bytes:
    """A flat picture with this many blocks of data; `second` is the size in a second frame header."""
    marker = 0xC2 if progressive else 0xC0
    out = [b"\xff\xd8", QUANTIZATION, frame(marker, width, height, components)]
    if second:
        out.append(frame(marker, *second, components))
    out.append(ONE_BIT_CODES)
    if progressive:
        out += [scan(components, 0, 0), bytes((blocks + 7) // 8)]
        # Runs of empty blocks would do it in a few bytes; an empty scan is worse.
        out += [scan(1, 1 + n % 63, 1 + n % 63) + b"\x00" for n in range(scans - 1)]
    else:
        out += [scan(components, 0, 63), bytes((blocks * 2 + 7) // 8)]
    return b"".join([*out, EOI])


def with_segments(picture: bytes, *segments: bytes) -> bytes:
    """The picture with these segments right after its start."""
    return picture[:2] + b"".join(segments) + picture[2:]


def with_exif(picture: bytes, block: bytes) -> bytes:
    return with_segments(picture, segment(0xE1, b"Exif\0\0" + block))
