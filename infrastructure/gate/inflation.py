"""What a PNG's compressed profiles and texts grow to: a small file can make a decoder work for minutes."""

import zlib
from collections.abc import Iterator
from typing import Final

from domain.errors import ImageTooComplex
from infrastructure.gate.limits import Limits
from infrastructure.gate.reader import Reader

GROWTH: Final = 8
"""Texts may grow to this many times the metadata allowed in a file."""

MOST_OF_ONE: Final = 8_000_000
"""Bytes after which libpng gives up on one chunk (PNG_USER_CHUNK_MALLOC_MAX), and so does the count."""

STEP: Final = 64 * 1024
"""Bytes read, and bytes inflated, by one call."""

FIXED: Final = {b"iCCP": 1, b"zTXt": 1, b"iTXt": 2}
"""Bytes between the keyword's NUL and the rest: section 11.3.2.3, 11.3.3.3 and 11.3.3.4."""

KEYWORD: Final = 80
"""Bytes of the longest keyword and its NUL."""


class Inflation:
    """The bytes that all compressed metadata of one file takes when it is inflated."""

    def __init__(self, limits: Limits) -> None:
        self.left = self.most = GROWTH * limits.metadata_bytes

    def add(self, reader: Reader, kind: bytes, at: int, size: int) -> None:
        if kind not in FIXED:
            return
        start = compressed_at(reader.until(at + size), kind, at)
        if start is not None:
            self.left -= min(inflated(reader, start, at + size), MOST_OF_ONE)
        if self.left < 0:
            raise ImageTooComplex(
                f"The compressed texts and profiles of the PNG grow to more than {self.most:,} bytes. "
                "Save it without metadata."
            )


def compressed_at(reader: Reader, kind: bytes, at: int) -> int | None:
    """Where the compressed bytes begin; None where there are none, or the chunk is malformed."""
    keyword = reader.peek(at, KEYWORD).find(0)
    if keyword < 0:
        return None
    rest = at + keyword + 1
    if kind != b"iTXt":
        return rest + FIXED[kind]
    if reader.peek(rest, 1) != b"\1":
        return None
    # A language and a translated keyword follow, each ending in NUL; metadata is small, so a copy is cheap.
    text = reader.peek(rest + 2, reader.end - rest)
    language = text.find(0)
    translated = text.find(0, language + 1)
    return None if min(language, translated) < 0 else rest + FIXED[kind] + translated + 1


def inflated(reader: Reader, at: int, end: int) -> int:
    """Bytes that come out, counted up to the most that matters, never kept."""
    total = 0
    for piece in pieces(reader, at, end):
        total += piece
        if total > MOST_OF_ONE:
            break
    return total


def pieces(reader: Reader, at: int, end: int) -> Iterator[int]:
    stream = zlib.decompressobj()
    try:
        for start in range(at, end, STEP):
            yield len(stream.decompress(reader.peek(start, min(STEP, end - start)), STEP))
            while stream.unconsumed_tail:
                yield len(stream.decompress(stream.unconsumed_tail, STEP))
            if stream.eof:
                return
    except zlib.error:
        return
