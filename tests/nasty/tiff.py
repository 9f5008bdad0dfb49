"""TIFF by hand, little-endian."""

from typing import Final, NamedTuple

from tests.nasty.packing import le16, le32

SHORT, LONG = 3, 4
DATA: Final = "DATA"
"""Stands for the position at which the picture data begins."""


class Entry(NamedTuple):
    """A field: a number, bytes kept elsewhere in the file, or the position of the data."""

    tag: int
    kind: int
    values: int
    value: int | bytes | str


def inline(entry: Entry) -> bytes:
    """An entry with its value in itself."""
    assert isinstance(entry.value, int)
    short = entry.kind == SHORT and entry.values == 1
    value = le16(entry.value) + b"\0\0" if short else le32(entry.value)
    return le16(entry.tag) + le16(entry.kind) + le32(entry.values) + value


def file(entries: list[Entry], data: bytes = b"", *, following: int = 0) -> bytes:
    """A file of one directory; `following` is where it says that the next one is."""
    entries = sorted(entries, key=lambda entry: entry.tag)
    aside = b"".join(padded(entry.value) for entry in entries if isinstance(entry.value, bytes))
    position = 8 + 2 + 12 * len(entries) + 4
    data_at, rows = position + len(aside), []
    for entry in entries:
        if isinstance(entry.value, bytes):
            rows.append(inline(entry._replace(value=position)))
            position += len(padded(entry.value))
        else:
            rows.append(inline(entry._replace(value=data_at) if entry.value == DATA else entry))
    return b"II*\0" + le32(8) + le16(len(rows)) + b"".join(rows) + le32(following) + aside + data


def padded(value: bytes) -> bytes:
    return value + b"\0" if len(value) & 1 else value


def picture_entries(
    width: int,
    height: int,
    *,
    compression: int = 1,
    samples: int = 3,
    rows: int | None = None,
    count: int,
) -> list[Entry]:
    """What a page of eight bits per sample in one strip says; `count` is the bytes of the strip."""
    bits = Entry(258, SHORT, 1, 8) if samples == 1 else Entry(258, SHORT, samples, le16(8) * samples)
    return [
        Entry(256, LONG, 1, width),
        Entry(257, LONG, 1, height),
        bits,
        Entry(259, SHORT, 1, compression),
        Entry(262, SHORT, 1, 2 if samples >= 3 else 1),
        Entry(277, SHORT, 1, samples),
        Entry(278, LONG, 1, rows or height),
        Entry(273, LONG, 1, DATA),
        Entry(279, LONG, 1, count),
    ]


def picture(
    width: int,
    height: int,
    data: bytes,
    *,
    compression: int = 1,
    samples: int = 3,
    rows: int | None = None,
    count: int | None = None,
    following: int = 0,
) -> bytes:
    entries = picture_entries(
        width,
        height,
        compression=compression,
        samples=samples,
        rows=rows,
        count=len(data) if count is None else count,
    )
    return file(entries, data, following=following)


def tiled_entries(width: int, height: int, tile: int, count: int) -> list[Entry]:
    """A gray, deflated page in one square tile."""
    return [
        Entry(256, LONG, 1, width),
        Entry(257, LONG, 1, height),
        Entry(258, SHORT, 1, 8),
        Entry(259, SHORT, 1, 8),
        Entry(262, SHORT, 1, 1),
        Entry(277, SHORT, 1, 1),
        Entry(322, LONG, 1, tile),
        Entry(323, LONG, 1, tile),
        Entry(324, LONG, 1, DATA),
        Entry(325, LONG, 1, count),
    ]


def pages_of_one_strip(width: int, height: int, pages: int, data: bytes) -> bytes:
    """Many gray, deflated pages that share their only strip."""
    size = 2 + 9 * 12 + 4
    entries = [
        Entry(256, LONG, 1, width),
        Entry(257, LONG, 1, height),
        Entry(258, SHORT, 1, 8),
        Entry(259, SHORT, 1, 8),
        Entry(262, SHORT, 1, 1),
        Entry(273, LONG, 1, 8 + pages * size),
        Entry(277, SHORT, 1, 1),
        Entry(278, LONG, 1, height),
        Entry(279, LONG, 1, len(data)),
    ]
    rows = le16(len(entries)) + b"".join(map(inline, entries))
    nexts = [8 + (page + 1) * size for page in range(pages - 1)] + [0]
    return b"II*\0" + le32(8) + b"".join(rows + le32(following) for following in nexts) + data
