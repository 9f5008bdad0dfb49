"""Exif as Pillow writes it, and as nobody should."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from domain.header import MediaType
from domain.metadata import ColorSpace, ExposureProgram, Location, Metadata, MeteringMode, WhiteBalance
from infrastructure.gate.limits import DEFAULT
from infrastructure.metadata.blocks import exif_block
from infrastructure.metadata.exif import parse
from tests.infrastructure.pixels.files import picture, to_pil, written
from tests.nasty import exif as nasty

Base, GPS = ExifTags.Base, ExifTags.GPS
WITH_EXIF = (MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF, MediaType.TIFF)

FIRST: dict[int, Any] = {
    Base.Make: "Canon",
    Base.Model: "EOS R5",
    Base.Orientation: 6,
    Base.Software: "Darktable",
    Base.Artist: "Giulia",
    Base.Copyright: "CC-BY",
    Base.ImageDescription: "Roma",
    Base.DateTime: "2024:02:29 10:00:00",
}
DETAILS: dict[int, Any] = {
    Base.DateTimeOriginal: "2024:02:28 23:30:15",
    Base.OffsetTimeOriginal: "-05:30",
    Base.SubsecTimeOriginal: "25",
    Base.DateTimeDigitized: "2024:02:28 23:30:16",
    Base.LensMake: "Canon",
    Base.LensModel: "RF 50mm",
    Base.FNumber: IFDRational(28, 10),
    Base.ExposureTime: IFDRational(1, 250),
    Base.ISOSpeedRatings: 400,
    Base.FocalLength: IFDRational(50, 1),
    Base.FocalLengthIn35mmFilm: 75,
    Base.ExposureProgram: 3,
    Base.ExposureBiasValue: IFDRational(-1, 3),
    Base.MeteringMode: 5,
    Base.Flash: 0x19,
    Base.WhiteBalance: 1,
    Base.ColorSpace: 0xFFFF,
}
PLACE: dict[int, Any] = {
    GPS.GPSLatitudeRef: "S",
    GPS.GPSLatitude: (IFDRational(33), IFDRational(51), IFDRational(3600, 100)),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (IFDRational(151), IFDRational(12), IFDRational(0)),
    GPS.GPSAltitudeRef: b"\1",
    GPS.GPSAltitude: IFDRational(125, 10),
    GPS.GPSDateStamp: "2024:02:29",
    GPS.GPSTimeStamp: (IFDRational(5), IFDRational(0), IFDRational(155, 10)),
}
READ = Metadata(
    taken_at=datetime(2024, 2, 29, 5, 0, 15, 250_000, UTC),
    utc_offset=-330,
    digitized_at=datetime(2024, 2, 28, 23, 30, 16, tzinfo=UTC),
    modified_at=datetime(2024, 2, 29, 10, tzinfo=UTC),
    make="Canon",
    model="EOS R5",
    lens_make="Canon",
    lens="RF 50mm",
    f_number=2.8,
    exposure_time=0.004,
    iso=400,
    focal_length=50.0,
    focal_length_35mm=75,
    exposure_program=ExposureProgram.APERTURE_PRIORITY,
    exposure_bias=-1 / 3,
    metering_mode=MeteringMode.PATTERN,
    flash=True,
    white_balance=WhiteBalance.MANUAL,
    orientation=6,
    color_space=ColorSpace.UNCALIBRATED,
    software="Darktable",
    artist="Giulia",
    copyright="CC-BY",
    description="Roma",
)
AT = Location(
    latitude=-33.86,
    longitude=151.2,
    altitude=-12.5,
    at=datetime(2024, 2, 29, 5, 0, 15, 500_000, UTC),
)


def tags(first: dict[Any, Any], details: dict[Any, Any], place: dict[Any, Any]) -> Image.Exif:
    made = Image.Exif()
    made.update(first)
    for directory, inside in ((ExifTags.IFD.Exif, details), (ExifTags.IFD.GPSInfo, place)):
        if inside:
            made.get_ifd(directory).update(inside)
            made[directory] = 0  # for Pillow's TIFF writer, which looks for it here
    return made


def read(content: bytes, media_type: MediaType) -> tuple[Metadata, Location | None]:
    return parse(exif_block(content, media_type, DEFAULT) or b"")


@pytest.mark.parametrize("media_type", WITH_EXIF)
def test_all_that_pillow_writes_is_read(media_type: MediaType) -> None:
    """In every format that holds Exif."""
    content = written(to_pil(picture()), media_type, exif=tags(FIRST, DETAILS, PLACE))
    metadata, location = read(content, media_type)
    turned_by_the_container = media_type is MediaType.AVIF
    assert metadata == (replace(READ, orientation=None) if turned_by_the_container else READ)
    assert location is not None
    assert location.latitude == pytest.approx(AT.latitude)
    assert location.longitude == pytest.approx(AT.longitude)
    assert (location.altitude, location.at) == (AT.altitude, AT.at)


@pytest.mark.parametrize("media_type", MediaType)
def test_a_file_without_exif_says_nothing(media_type: MediaType) -> None:
    """Every field is None, in formats that hold no Exif as well; TIFF has its own tags."""
    content = written(to_pil(picture()), media_type)
    assert read(content, media_type) == (Metadata(), None)


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40).map(str.strip)
ratios = st.builds(IFDRational, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
firsts = st.fixed_dictionaries(
    {}, optional={Base.Make: texts, Base.Model: texts, Base.Orientation: st.integers(0, 65535)}
)
details = st.fixed_dictionaries(
    {},
    optional={
        Base.LensModel: texts,
        Base.FNumber: ratios,
        Base.ExposureTime: ratios,
        Base.ISOSpeedRatings: st.integers(0, 65535),
        Base.Flash: st.integers(0, 65535),
        Base.DateTimeOriginal: st.datetimes().map(lambda at: at.strftime("%Y:%m:%d %H:%M:%S")) | texts,
    },
)


@settings(max_examples=200, deadline=None)
@given(first=firsts, more=details, order=st.sampled_from("<>"))
def test_values_are_read_as_pillow_reads_them(
    first: dict[int, Any], more: dict[int, Any], order: str
) -> None:
    """Whatever they are: what Pillow reads and makes sense is here, and nothing else."""
    made = tags(first, more, {})
    made.endian = order
    block = made.tobytes()
    theirs = Image.Exif()
    theirs.load(block)
    inside = theirs.get_ifd(ExifTags.IFD.Exif)
    ours, _ = parse(block)
    assert ours.make == (theirs.get(Base.Make) or None)
    assert ours.model == (theirs.get(Base.Model) or None)
    assert ours.lens == (inside.get(Base.LensModel) or None)
    for value, tag in ((ours.f_number, Base.FNumber), (ours.exposure_time, Base.ExposureTime)):
        ratio = inside.get(tag)
        if ratio is not None and ratio.denominator and ratio.numerator:
            assert value == pytest.approx(ratio.numerator / ratio.denominator)
        else:
            assert value is None
    assert ours.iso == (inside.get(Base.ISOSpeedRatings) or None)
    flash = inside.get(Base.Flash)
    assert ours.flash == (None if flash is None else bool(flash & 1))
    turned = theirs.get(Base.Orientation)
    assert ours.orientation == (turned if turned in range(1, 9) else None)
    try:
        moment = datetime.strptime(inside.get(Base.DateTimeOriginal, ""), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  (made aware below)
    except ValueError:
        assert ours.taken_at is None
    else:
        assert ours.taken_at == moment.replace(tzinfo=UTC)


def test_what_makes_no_sense_is_absent() -> None:
    """Months beyond twelve, places beyond the poles, numbers divided by nothing."""
    odd = {
        Base.DateTimeOriginal: "2024:13:01 00:00:00",
        Base.FNumber: IFDRational(1, 0),
        Base.ExposureTime: IFDRational(0, 5),
        Base.ExposureProgram: 77,
        Base.DateTimeDigitized: "0000:00:00 00:00:00",
        Base.ISOSpeedRatings: 0,
    }
    place = PLACE | {GPS.GPSLatitude: (IFDRational(91), IFDRational(0), IFDRational(0))}
    assert parse(tags({}, odd, place).tobytes()) == (Metadata(), None)
    nowhere = {tag: value for tag, value in PLACE.items() if tag != GPS.GPSLongitudeRef}
    assert parse(tags({}, {}, nowhere).tobytes())[1] is None


@pytest.mark.parametrize("offset", ["+14:01", "+0530", "05:30", "+05:60", "zzzzzz"])
def test_an_offset_that_cannot_be_is_none(offset: str) -> None:
    """The moment is taken as if in UTC."""
    block = tags({}, DETAILS | {Base.OffsetTimeOriginal: offset}, {}).tobytes()
    metadata, _ = parse(block)
    assert metadata.utc_offset is None
    assert metadata.taken_at == datetime(2024, 2, 28, 23, 30, 15, 250_000, UTC)


def test_a_moment_at_the_end_of_time_is_absent_where_utc_has_no_name_for_it() -> None:
    """The first and last years of the calendar have offsets too."""
    late = {Base.DateTimeOriginal: "9999:12:31 23:59:59", Base.OffsetTimeOriginal: "-01:00"}
    assert parse(tags({}, late, {}).tobytes())[0].taken_at is None


def test_text_is_cut_and_cleaned() -> None:
    """A megabyte of it is not kept, nor what would reorder a line."""
    block = tags({Base.ImageDescription: "a???b" + "x" * 100_000}, {}, {}).tobytes()
    block = block.replace(b"???", "\u202e".encode())
    description = parse(block)[0].description
    assert description is not None
    assert description.startswith("abx")
    assert len(description) <= 4096


@pytest.mark.parametrize("text", ["Ünï".encode(), "Ünï??".encode("latin-1")])
def test_text_beyond_ascii_is_read(text: bytes) -> None:
    """As UTF-8, which Exif 3.0 allows, or as Latin-1, which many write."""
    block = tags({Base.Make: "?????"}, {}, {}).tobytes().replace(b"?????", text)
    make = parse(block)[0].make
    assert make is not None
    assert make.startswith("Ünï")


@pytest.mark.parametrize(
    "block",
    [
        nasty.loop(),
        nasty.tree(),
        nasty.endless_text(),
        nasty.far_away(),
        nasty.crowded(),
        b"",
        b"Exif\0\0II*\0",
    ],
)
def test_hostile_blocks_say_nothing_and_cost_nothing(block: bytes) -> None:
    """Circles are not followed and lengths not believed."""
    assert parse(block) == (Metadata(), None)


@settings(max_examples=300, deadline=timedelta(seconds=1))
@given(data=st.data())
def test_no_mutation_makes_it_raise(data: st.DataObject) -> None:
    """Bytes changed anywhere, and the end cut off: all that is read is as it is declared."""
    block = bytearray(BLOCK)
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(block) - 1), st.integers(0, 255)), max_size=12)
    ):
        block[at] = value
    metadata, location = parse(bytes(block[: data.draw(st.integers(0, len(block)))]))
    assert metadata.taken_at is None or metadata.taken_at.tzinfo is UTC
    assert metadata.exposure_time is None or 0 < metadata.exposure_time < float("inf")
    if location is not None:
        assert abs(location.latitude) <= 90
        assert abs(location.longitude) <= 180


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(data=st.data(), media_type=st.sampled_from(WITH_EXIF))
def test_no_mutation_of_a_file_makes_it_raise(data: st.DataObject, media_type: MediaType) -> None:
    """Wherever the container is damaged, there is a block or none."""
    content = bytearray(FILES[media_type])
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, min(len(content), 900) - 1), st.integers(0, 255)), max_size=6)
    ):
        content[at] = value
    metadata, _ = read(bytes(content[: data.draw(st.integers(1, len(content)))]), media_type)
    assert isinstance(metadata, Metadata)


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(garbage: bytes) -> None:
    """Not even with a header before them."""
    for start in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        assert isinstance(parse(start + garbage)[0], Metadata)


def _files() -> dict[MediaType, bytes]:
    made = tags(FIRST, DETAILS, PLACE)
    return {kind: written(to_pil(picture(16, 16)), kind, exif=made) for kind in WITH_EXIF}


FILES = _files()
BLOCK = tags(FIRST, DETAILS, PLACE).tobytes()
