"""WebP by hand: VP8L pictures of one colour take 45 bytes at any size."""

from tests.nasty.packing import Bits, le16, le24, le32


def riff(chunks: bytes) -> bytes:
    return b"RIFF" + le32(4 + len(chunks)) + b"WEBP" + chunks


def chunk(kind: bytes, data: bytes) -> bytes:
    return kind + le32(len(data)) + data + (b"\0" if len(data) & 1 else b"")


def lossless(width: int, height: int) -> bytes:
    """One flat colour: five codes of one symbol each, so no bits at all per pixel."""
    bits = Bits().put(0x2F, 8).put(width - 1, 14).put(height - 1, 14).put(1, 1).put(0, 3)
    bits.put(0, 1).put(0, 1).put(0, 1)  # no transform, no colour cache, no meta codes
    for symbol in (0x20, 0x40, 0x60, 0xFF):  # green, red, blue, alpha: a simple code of one 8-bit symbol
        bits.put(1, 1).put(0, 1).put(1, 1).put(symbol, 8)
    bits.put(1, 1).put(0, 1).put(0, 1).put(0, 1)  # distance
    return bits.bytes() + bytes(8)


def flat(width: int, height: int) -> bytes:
    return riff(chunk(b"VP8L", lossless(width, height)))


def header(width: int, height: int, *, flags: int) -> bytes:
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + le24(width - 1) + le24(height - 1))


def extended(canvas: tuple[int, int], inner: tuple[int, int], *more: bytes, flags: int = 0x10) -> bytes:
    """A canvas of one size, a picture of another, and chunks behind it."""
    return riff(header(*canvas, flags=flags) + chunk(b"VP8L", lossless(*inner)) + b"".join(more))


def frame(width: int, height: int, *, left: int = 0, top: int = 0) -> bytes:
    place = le24(left // 2) + le24(top // 2) + le24(width - 1) + le24(height - 1)
    return chunk(b"ANMF", place + le24(10) + b"\0" + chunk(b"VP8L", lossless(width, height)))


def animation(canvas: tuple[int, int], frames: bytes) -> bytes:
    return riff(header(*canvas, flags=0x12) + chunk(b"ANIM", le32(0) + le16(0)) + frames)
