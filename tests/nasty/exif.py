"""EXIF by hand: a place on earth, the name of a camera, and directories that go round in circles."""

from tests.nasty.packing import le16, le32

LATITUDE, LONGITUDE = (48, 51, 30), (2, 17, 40)
CAMERA = b"SecretCam 9000\0"
START = b"II*\0" + le32(8)
SHORT, LONG, TEXT, RATIONAL = 3, 4, 2, 5


def entry(tag: int, kind: int, count: int, value: int | bytes) -> bytes:
    return le16(tag) + le16(kind) + le32(count) + (value if isinstance(value, bytes) else le32(value))


def rationals(numbers: tuple[int, ...]) -> bytes:
    return b"".join(le32(number) + le32(1) for number in numbers)


def located(*, orientation: int = 6, thumbnail: bytes = b"") -> bytes:
    """A camera, an orientation, a position and (if asked for) a thumbnail."""
    camera_at = 8 + 2 + 12 * 4 + 4
    camera = CAMERA + (b"\0" if len(CAMERA) & 1 else b"")
    gps_at = camera_at + len(camera)
    place_at = gps_at + 2 + 12 * 4 + 4
    first = [
        entry(0x0110, TEXT, len(CAMERA), camera_at),
        entry(0x0112, SHORT, 1, le16(orientation) + b"\0\0"),
        entry(0x0132, TEXT, 4, b"now\0"),
        entry(0x8825, LONG, 1, gps_at),
    ]
    gps = [
        entry(1, TEXT, 2, b"N\0\0\0"),
        entry(2, RATIONAL, 3, place_at),
        entry(3, TEXT, 2, b"E\0\0\0"),
        entry(4, RATIONAL, 3, place_at + 24),
    ]
    place = rationals(LATITUDE) + rationals(LONGITUDE)
    return START + directory(first) + camera + directory(gps) + place + thumbnail


def directory(entries: list[bytes], *, following: int = 0) -> bytes:
    return le16(len(entries)) + b"".join(entries) + le32(following)


def loop() -> bytes:
    """A directory that points to itself, twice."""
    return START + directory([entry(0x8769, LONG, 1, 8)], following=8)


def tree() -> bytes:
    """A directory that points to itself two hundred times: exponential for a naive reader."""
    return START + directory([entry(0x8769, LONG, 1, 8)] * 200, following=8)


def endless_text() -> bytes:
    return START + directory([entry(0x010F, TEXT, 0xFFFFFFFF, 8)])


def far_away() -> bytes:
    return b"II*\0" + le32(0xFFFFFFF0)


def crowded() -> bytes:
    """A directory that announces 65,535 entries and has 5,000."""
    return START + le16(65535) + b"\x0f\x01\x02\0\xff\xff\xff\x7f\x08\0\0\0" * 5000
