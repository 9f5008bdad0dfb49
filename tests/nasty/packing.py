"""Numbers as bytes, and bits as bytes; too large ones lose their upper bits, as liars want it."""

import struct
import zlib
from typing import Self


def be16(number: int) -> bytes:
    return struct.pack(">H", number & 0xFFFF)


def be24(number: int) -> bytes:
    return be32(number)[1:]


def be32(number: int) -> bytes:
    return struct.pack(">I", number & 0xFFFFFFFF)


def le16(number: int) -> bytes:
    return struct.pack("<H", number & 0xFFFF)


def le24(number: int) -> bytes:
    return le32(number)[:3]


def le32(number: int) -> bytes:
    return struct.pack("<I", number & 0xFFFFFFFF)


class Bits:
    """A writer of bits, least significant first, as VP8L and GIF's LZW have them."""

    def __init__(self) -> None:
        self.value = self.count = 0

    def put(self, value: int, width: int) -> Self:
        self.value |= (value & (1 << width) - 1) << self.count
        self.count += width
        return self

    def bytes(self) -> bytes:
        return self.value.to_bytes((self.count + 7) // 8, "little")


def deflated_zeros(total: int) -> bytes:
    """zlib's shortest for this many zero bytes, made without ever holding them."""
    stream, block = zlib.compressobj(9), bytes(1 << 20)
    out = [stream.compress(block) for _ in range(total >> 20)]
    rest = total & (1 << 20) - 1
    return b"".join([*out, stream.compress(block[:rest]) if rest else b"", stream.flush()])
