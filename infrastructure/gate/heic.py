"""HEIC: pictures of HEVC in a HEIF file (ISO/IEC 23008-12, annex B), accepted where they can be decoded."""

from importlib.util import find_spec
from typing import Final

from domain.errors import DamagedFile, ImageTooComplex, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import hevc
from infrastructure.gate.bmff import Box, Cursor, boxes, required
from infrastructure.gate.grid import check_grid
from infrastructure.gate.heif import Item, Meta, size_of
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader
from infrastructure.gate.turning import orientation_of

BRANDS: Final = {b"heic", b"heix"}
PICTURE: Final = b"hvc1"
METADATA: Final = {b"Exif", b"mime", b"uri "}
DERIVED: Final = {b"iovl", b"iden"}
"""Images that are made of others in ways that cost what nobody can say before."""

LAYERS: Final = 4
"""Pictures of one item at most."""


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    if find_spec("pillow_heif") is None:
        raise UnsupportedType("HEIC needs the extra darkroom[heic] on the server. Save it as AVIF or JPEG.")
    meta = meta_of(reader, tally)
    for item in meta.items.values():
        check_item(meta, item)
    main = meta.item(meta.primary)
    if main.kind not in {PICTURE, b"grid"}:
        raise UnsupportedType(
            "The main image of the file is not HEVC, nor a grid of it. Save it as AVIF or JPEG."
        )
    width, height = shown_of(reader, main)
    tally.frame(width, height)
    return ImageHeader(MediaType.HEIC, width, height, orientation=orientation_of(reader, main.properties))


def meta_of(reader: Reader, tally: Tally) -> Meta:
    """The only box meta; there may be no video beside it."""
    found: dict[bytes, Box] = {}
    for box in boxes(reader, tally, 0, top=True):
        if box.kind == b"moov" or (box.kind == b"meta" and b"meta" in found):
            raise UnsupportedType("The HEIC has two headers, or a video in it. Save it as AVIF or JPEG.")
        found[box.kind] = box
    box = required(found, b"meta")
    tally.metadata(box.size)
    return Meta(reader, tally, box)


def properties_shown(reader: Reader, tally: Tally) -> list[Box]:
    """What the file says of the image that is shown; of a grid, then of its first tile."""
    meta = meta_of(reader, tally)
    item = meta.item(meta.primary)
    return item.properties + [box for number in item.parts[:1] for box in meta.item(number).properties]


def check_item(meta: Meta, item: Item) -> None:
    """Every item is checked, the main image or not: decoders fetch alpha and tiles on their own."""
    if item.kind == PICTURE:
        check_picture(meta, item)
    elif item.kind == b"grid":
        check_grid(meta, item, PICTURE)
    elif item.kind in METADATA:
        meta.tally.metadata(item.size)
    elif item.kind in DERIVED:
        raise UnsupportedType("The HEIC is put together from several images. Save it as AVIF or JPEG.")


def check_picture(meta: Meta, item: Item) -> None:
    reader, tally, size = meta.reader, meta.tally, size_of(meta.reader, item.only(b"ispe"))
    tally.size(*size)
    length_size = hevc.check_configuration(reader, item.only(b"hvcC"), size, tally)
    if not item.size:
        raise DamagedFile("A picture of the HEIC has no data.")
    pictures = hevc.pictures(*meta.content(item), length_size, tally)
    if not 1 <= pictures <= LAYERS:
        raise ImageTooComplex(f"An image of the HEIC is made of {pictures:,} pictures; it should be one.")
    for _ in range(pictures):
        tally.decode(*size)


def shown_of(reader: Reader, item: Item) -> tuple[int, int]:
    """Width and height in pixels, without what is cut off before it is turned (section 6.5.9)."""
    width, height = size_of(reader, item.only(b"ispe"))
    kinds = [box.kind for box in item.properties if box.kind in {b"clap", b"irot", b"imir"}]
    if b"clap" not in kinds:
        return width, height
    if kinds.index(b"clap") or kinds.count(b"clap") > 1:
        raise DamagedFile("The HEIC is cut after it is turned, or twice; it may be cut once, before.")
    box = item.only(b"clap")
    cursor = Cursor(reader.until(box.end), box.at)
    (across, one), (down, other) = [(cursor.number(4), cursor.number(4)) for _ in range(2)]
    if (one, other) != (1, 1) or not (0 < across <= width and 0 < down <= height):
        raise DamagedFile("The HEIC is cut to a size that it cannot have.")
    return across, down
