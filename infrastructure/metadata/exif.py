"""Exif: the tags of a block that are asked for, whatever the rest of it is like.

Read by Exif 3.0 (CIPA DC-008-2023) and TIFF 6.0, section 2. Three directories are read at most, each once:
the first one, and those that it names for Exif and for GPS. Nothing else is followed, so that nothing
can go round in circles. What cannot be read is absent; nothing raises.
"""

from __future__ import annotations

import math
import re
import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

from domain.metadata import ColorSpace, ExposureProgram, Location, Metadata, MeteringMode, WhiteBalance
from domain.text import printable
from infrastructure.gate.directory import ENTRY, INLINE, SIZES
from infrastructure.gate.exif import ORDERS

ENTRIES: Final = 512
"""Entries of one directory that are looked at; cameras write some sixty."""

TEXT_BYTES: Final = 4096
"""Bytes of a text that are read."""

NUMBERS: Final = 4
"""Numbers that are read of one tag at most; a place takes three."""

_FORMS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
_RATIONALS: Final = {5: "II", 10: "ii"}
_ASCII, _UTF_8 = 2, 129

_EXIF, _GPS = 0x8769, 0x8825
_MOMENT: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_DAY: Final = re.compile(r"(\d{4}):(\d\d):(\d\d)", re.ASCII)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_MOST_OFFSET: Final = 14 * 60
"""Minutes; no place on earth is further from UTC."""

_PROGRAMS: Final = dict(enumerate(ExposureProgram, 1))
_METERING: Final = dict(enumerate(MeteringMode, 1)) | {255: MeteringMode.OTHER}
_WHITE_BALANCES: Final = dict(enumerate(WhiteBalance))
_COLOR_SPACES: Final = {1: ColorSpace.SRGB, 0xFFFF: ColorSpace.UNCALIBRATED}


def parse(block: bytes) -> tuple[Metadata, Location | None]:
    """What a block of Exif, or a TIFF file, says."""
    tiff = memoryview(block.removeprefix(b"Exif\0\0"))
    order = ORDERS.get(bytes(tiff[:4]))
    if order is None or len(tiff) < 8:
        return Metadata(), None
    first = _Tags(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0])
    return _metadata(first, first.directory(_EXIF)), _location(first.directory(_GPS))


class _Entry(NamedTuple):
    """The type, the number of values, and the position of the first."""

    kind: int
    values: int
    at: int


class _Tags:
    """One directory; of a tag that comes twice the first counts, as for the orientation at the gate."""

    def __init__(self, tiff: memoryview, order: str, at: int | None) -> None:
        self._tiff, self._order = tiff, order
        self._entries: dict[int, _Entry] = {}
        if at is not None and 8 <= at <= len(tiff) - 2:
            self._read(at)

    def _read(self, at: int) -> None:
        (count,) = struct.unpack_from(self._order + "H", self._tiff, at)
        there = (len(self._tiff) - at - 2) // ENTRY
        for n in range(min(count, there, ENTRIES)):
            entry = at + 2 + ENTRY * n
            tag, kind, values, start = struct.unpack_from(self._order + "HHII", self._tiff, entry)
            size = SIZES.get(1 if kind == _UTF_8 else kind, 0) * values
            self._entries.setdefault(tag, _Entry(kind, values, entry + 8 if size <= INLINE else start))

    def directory(self, tag: int) -> _Tags:
        number = self.number(tag)
        return _Tags(self._tiff, self._order, None if number is None else int(number))

    def text(self, tag: int) -> str | None:
        """Up to the first NUL, as UTF-8 or else as Latin-1, without control characters."""
        entry = self._entries.get(tag)
        if entry is None or entry.kind not in {_ASCII, _UTF_8}:
            return None
        if entry.at + entry.values > len(self._tiff):
            return None
        raw = bytes(self._tiff[entry.at : entry.at + min(entry.values, TEXT_BYTES)]).partition(b"\0")[0]
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        return printable(text, keep="\n\t").strip() or None

    def numbers(self, tag: int) -> tuple[float, ...]:
        """All of them, if they are finite and few."""
        entry = self._entries.get(tag)
        if entry is None or not 0 < entry.values <= NUMBERS:
            return ()
        rational = entry.kind in _RATIONALS
        form = _RATIONALS[entry.kind] if rational else _FORMS.get(entry.kind)
        if form is None or entry.at + SIZES[entry.kind] * entry.values > len(self._tiff):
            return ()
        found = struct.unpack_from(self._order + form * entry.values, self._tiff, entry.at)
        if rational:
            found = tuple(a / b if b else math.nan for a, b in zip(found[::2], found[1::2], strict=True))
        return found if all(map(math.isfinite, found)) else ()

    def number(self, tag: int) -> float | None:
        """The first; the sensitivity may be several."""
        return next(iter(self.numbers(tag)), None)

    def positive(self, tag: int) -> float | None:
        number = self.number(tag)
        return number if number is not None and number > 0 else None

    def natural(self, tag: int) -> int | None:
        number = self.positive(tag)
        return None if number is None else int(number) or None

    def byte(self, tag: int) -> int | None:
        """The one byte of a tag, of whatever type."""
        entry = self._entries.get(tag)
        if entry is None or entry.values != 1 or entry.at >= len(self._tiff):
            return None
        return self._tiff[entry.at]


def _metadata(first: _Tags, exif: _Tags) -> Metadata:
    taken = _moment(exif, 0x9003, offset=0x9011, fraction=0x9291)
    offset = None if taken is None else taken.utcoffset()
    stated = _offset(exif, 0x9011) is not None and offset is not None
    flash = exif.number(0x9209)
    return Metadata(
        taken_at=_utc(taken),
        utc_offset=int(offset.total_seconds()) // 60 if stated and offset is not None else None,
        digitized_at=_utc(_moment(exif, 0x9004, offset=0x9012, fraction=0x9292)),
        modified_at=_utc(_moment(first, 0x0132, offset=0x9010, fraction=0x9290, more=exif)),
        make=first.text(0x010F),
        model=first.text(0x0110),
        lens_make=exif.text(0xA433),
        lens=exif.text(0xA434),
        f_number=exif.positive(0x829D),
        exposure_time=exif.positive(0x829A),
        iso=exif.natural(0x8827),
        focal_length=exif.positive(0x920A),
        focal_length_35mm=exif.natural(0xA405),
        exposure_program=_PROGRAMS.get(_whole(exif.number(0x8822))),
        exposure_bias=exif.number(0x9204),
        metering_mode=_METERING.get(_whole(exif.number(0x9207))),
        flash=None if flash is None else bool(int(flash) & 1),
        white_balance=_WHITE_BALANCES.get(_whole(exif.number(0xA403))),
        orientation=_orientation(first.number(0x0112)),
        color_space=_COLOR_SPACES.get(_whole(exif.number(0xA001))),
        software=first.text(0x0131),
        artist=first.text(0x013B),
        copyright=first.text(0x8298),
        description=first.text(0x010E),
    )


def _location(gps: _Tags) -> Location | None:
    latitude = _degrees(gps, 2, gps.text(1), {"N": 1, "S": -1}, 90)
    longitude = _degrees(gps, 4, gps.text(3), {"E": 1, "W": -1}, 180)
    if latitude is None or longitude is None:
        return None
    altitude = gps.number(6)
    below = gps.byte(5) in {1, 3}
    return Location(
        latitude=latitude,
        longitude=longitude,
        altitude=-altitude if altitude is not None and below else altitude,
        at=_satellite_time(gps),
    )


def _degrees(gps: _Tags, tag: int, reference: str | None, signs: dict[str, int], most: int) -> float | None:
    """Degrees, minutes and seconds as one number; without its reference a number says nothing."""
    sign = signs.get((reference or "").upper())
    numbers = gps.numbers(tag)
    if sign is None or len(numbers) != 3:
        return None
    degrees = sum(number / 60**n for n, number in enumerate(numbers))
    return sign * degrees if 0 <= degrees <= most and min(numbers) >= 0 else None


def _satellite_time(gps: _Tags) -> datetime | None:
    day, clock = _DAY.fullmatch(gps.text(29) or ""), gps.numbers(7)
    if day is None or len(clock) != 3 or not all(0 <= number <= 60 for number in clock):
        return None
    hours, minutes, seconds = clock
    since = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    try:
        return datetime.fromisoformat(f"{'-'.join(day.groups())}T00:00:00+00:00") + since
    except (ValueError, OverflowError):
        return None


def _moment(
    tags: _Tags, tag: int, *, offset: int, fraction: int, more: _Tags | None = None
) -> datetime | None:
    """A date and time; offset and fraction of a second stand in tags of their own."""
    found = _MOMENT.fullmatch(tags.text(tag) or "")
    if found is None:
        return None
    beside = more or tags
    digits = (beside.text(fraction) or "").rstrip()
    micros = int(digits[:6].ljust(6, "0")) if digits.isascii() and digits.isdecimal() else 0
    zone = _offset(beside, offset) or UTC
    try:
        moment = datetime.fromisoformat(found[0].replace(":", "-", 2))
        return moment.replace(microsecond=micros, tzinfo=zone)
    except ValueError:
        return None


def _offset(tags: _Tags, tag: int) -> timezone | None:
    found = _OFFSET.fullmatch(tags.text(tag) or "")
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > _MOST_OFFSET or int(found[3]) > 59:
        return None
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _whole(number: float | None) -> int:
    """A choice; -1 is none."""
    return -1 if number is None or number != int(number) else int(number)


def _orientation(number: float | None) -> int | None:
    whole = _whole(number)
    return whole if 1 <= whole <= 8 else None
