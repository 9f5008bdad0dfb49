"""A TIFF image file directory: TIFF 6.0, section 2."""

import struct
from typing import Final, NamedTuple

from domain.errors import DamagedFile
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value of each field type."""

CODES: Final = {1: "B", 3: "H", 4: "I"}
"""The types that a size, an offset or a choice may have: BYTE, SHORT and LONG."""

ENTRY: Final = 12
INLINE: Final = 4
"""Bytes of values that stand in the entry itself instead of an offset."""


class Field(NamedTuple):
    """The type, the number of values, and the position of the first."""

    kind: int
    values: int
    at: int

    @property
    def size(self) -> int:
        return SIZES[self.kind] * self.values


class Directory:
    """The fields of one page by their tags, and the position of the next directory (0: none)."""

    def __init__(self, reader: Reader, order: str, at: int, tally: Tally) -> None:
        self.reader, self.order = reader, order
        self.fields: dict[int, Field] = {}
        (count,) = self.unpack("H", at)
        tally.part(1 + count)
        for entry in range(at + 2, at + 2 + ENTRY * count, ENTRY):
            self.add(entry)
        (self.next,) = self.unpack("I", at + 2 + ENTRY * count)

    def add(self, at: int) -> None:
        tag, kind, count = self.unpack("HHI", at)
        if kind not in SIZES:
            return  # readers skip what they do not know (section 2, "IFD Entry")
        if tag in self.fields:
            raise DamagedFile(f"The TIFF says twice what its field {tag} is; it may say it once.")
        size = SIZES[kind] * count
        (start,) = (at + 8,) if size <= INLINE else self.unpack("I", at + 8)
        self.reader.require(start, size)
        self.fields[tag] = Field(kind, count, start)

    def unpack(self, form: str, at: int) -> tuple[int, ...]:
        form = self.order + form
        self.reader.require(at, struct.calcsize(form))
        return struct.unpack_from(form, self.reader.data, at)

    def number(self, tag: int, default: int | None = None) -> int:
        """The one number that this field must have."""
        if tag not in self.fields and default is not None:
            return default
        return self.numbers(tag, 1)[0]

    def numbers(self, tag: int, count: int) -> tuple[int, ...]:
        """As many numbers as the caller can say that there must be; no more are read."""
        field = self.fields.get(tag)
        if field is None:
            raise DamagedFile(f"The TIFF lacks its field {tag}, without which nothing can be read.")
        if field.values != count or field.kind not in CODES:
            raise DamagedFile(f"Field {tag} of the TIFF has {field.values:,} values; {count:,} are needed.")
        return self.unpack(f"{count}{CODES[field.kind]}", field.at)
