"""BMP by hand."""

import struct

from tests.nasty.packing import le16, le32


def picture(
    width: int, height: int, data: bytes, *, bits: int = 24, compression: int = 0, palette: bytes = b""
) -> bytes:
    start = 54 + len(palette)
    return b"".join(
        [
            b"BM" + le32(start + len(data)) + le32(0) + le32(start),
            le32(40) + struct.pack("<ii", width, height) + le16(1) + le16(bits),
            le32(compression) + le32(len(data)) + le32(2835) * 2 + le32(len(palette) // 4) + le32(0),
            palette + data,
        ]
    )
