"""GIF by hand."""

from tests.nasty.packing import Bits, le16

SMALLEST = 2
"""Bits of a colour; codes begin one bit wider."""

CLEAR, END = 1 << SMALLEST, (1 << SMALLEST) + 1
FULL = 4094
"""Codes after which the table is cleared."""

TRAILER = b"\x3b"
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"


class FlatCodes:
    """LZW for pixels of colour 0: every string is one pixel longer than the one before."""

    def __init__(self) -> None:
        self.bits = Bits()
        self.clear(SMALLEST + 1)

    def clear(self, width: int) -> None:
        self.bits.put(CLEAR, width)
        self.width, self.next, self.run = SMALLEST + 1, END + 1, 0

    def put(self, left: int) -> int:
        """The longest string that fits into what is left; how many pixels it stands for."""
        self.run += 1
        taken = min(self.run, left)
        self.bits.put(0 if taken == 1 else END + taken - 1, self.width)
        if self.run > 1:
            self.grow()
        return taken

    def grow(self) -> None:
        self.next += 1
        if self.next == 1 << self.width and self.width < 12:
            self.width += 1
        if self.next >= FULL:
            self.clear(self.width)


def flat_codes(pixels: int) -> bytes:
    codes, left = FlatCodes(), pixels
    while left > 0:
        left -= codes.put(left)
    return codes.bits.put(END, codes.width).bytes()


def pieces(data: bytes) -> bytes:
    return (
        b"".join(bytes([len(data[n : n + 255])]) + data[n : n + 255] for n in range(0, len(data), 255))
        + b"\0"
    )


def image(width: int, height: int, codes: bytes) -> bytes:
    """An image descriptor and its codes, without a graphic control."""
    place = le16(0) + le16(0) + le16(width) + le16(height)
    return b"\x2c" + place + b"\0" + bytes([SMALLEST]) + pieces(codes)


def picture(
    screen: tuple[int, int],
    frame: tuple[int, int] = (1, 1),
    frames: int = 1,
    *,
    codes: bytes | None = None,
    comment: bytes = b"",
) -> bytes:
    """Equal frames of one colour on a screen that may be of another size."""
    codes = flat_codes(frame[0] * frame[1]) if codes is None else codes
    start = b"GIF89a" + le16(screen[0]) + le16(screen[1]) + bytes([0x80, 0, 0]) + b"\0\0\0\xff\xff\xff"
    words = b"\x21\xfe" + pieces(comment) if comment else b""
    one = b"\x21\xf9\x04\x04\x05\0\0\0" + image(*frame, codes)
    return start + (LOOP if frames > 1 else b"") + words + one * frames + TRAILER
