"""PNG and APNG by hand."""

import zlib

from tests.nasty.packing import be16, be32, deflated_zeros

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

AFTER_HEADER = 33
"""Where the signature and IHDR of every PNG end."""

END = be32(0) + b"IEND" + be32(zlib.crc32(b"IEND"))


def chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    return be32(len(data)) + kind + data + be32(zlib.crc32(kind + data) if crc is None else crc)


def header(width: int, height: int, *, depth: int = 8, color: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", be32(width) + be32(height) + bytes([depth, color, 0, 0, interlace]))


def picture(
    width: int, height: int, *, depth: int = 8, color: int = 2, interlace: int = 0, data: bytes | None = None
) -> bytes:
    """A black picture, or a claim with other data behind it."""
    if data is None:
        stride = 1 + (width * CHANNELS[color] * depth + 7) // 8
        data = deflated_zeros(stride * height)
    start = SIGNATURE + header(width, height, depth=depth, color=color, interlace=interlace)
    return start + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def with_chunks(picture: bytes, *chunks: bytes) -> bytes:
    """The picture with these chunks right after its header."""
    return picture[:AFTER_HEADER] + b"".join(chunks) + picture[AFTER_HEADER:]


def frame_control(sequence: int, width: int, height: int, *, left: int = 0, top: int = 0) -> bytes:
    place = be32(width) + be32(height) + be32(left) + be32(top)
    return chunk(b"fcTL", be32(sequence) + place + be16(1) + be16(100) + bytes(2))


def animation(width: int, height: int, frames: int) -> bytes:
    """The first frame fills the canvas, all others are one pixel each."""
    whole, tiny = deflated_zeros((1 + width * 4) * height), deflated_zeros(5)
    out = [SIGNATURE, header(width, height, color=6), chunk(b"acTL", be32(frames) + be32(0))]
    out += [frame_control(0, width, height), chunk(b"IDAT", whole)]
    for number in range(1, 2 * frames - 1, 2):
        out += [frame_control(number, 1, 1), chunk(b"fdAT", be32(number + 1) + tiny)]
    return b"".join([*out, chunk(b"IEND", b"")])
