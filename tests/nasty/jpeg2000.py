"""A JPEG 2000 codestream whose size marker lies."""

from tests.nasty.packing import be16, be32


def codestream(width: int, height: int, *, tile: tuple[int, int] | None = None) -> bytes:
    across, down = tile or (width, height)
    sizes = be32(width) + be32(height) + be32(0) + be32(0) + be32(across) + be32(down) + be32(0) + be32(0)
    siz = be16(0) + sizes + be16(3) + bytes([7, 1, 1]) * 3
    cod = bytes([0, 0]) + be16(1) + bytes([0, 0, 4, 4, 0, 1])
    qcd = bytes([0x20, 0x40])
    sot = be16(10) + be16(0) + be32(14) + bytes([0, 1])
    headers = [(b"\xff\x51", siz), (b"\xff\x52", cod), (b"\xff\x5c", qcd)]
    start = b"\xff\x4f" + b"".join(marker + be16(len(data) + 2) + data for marker, data in headers)
    return start + b"\xff\x90" + sot + b"\xff\x93" + b"\xff\xd9"
