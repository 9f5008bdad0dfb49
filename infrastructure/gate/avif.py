"""AVIF: AV1 Image File Format, version 1.2; items or tracks, as libavif chooses between them.

What the decoder does not choose is not decoded, and so not looked at but for its size.
"""

from typing import Final

from domain.errors import DamagedFile, ImageTooComplex, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import av1
from infrastructure.gate.bmff import Box, boxes, required
from infrastructure.gate.grid import check_grid
from infrastructure.gate.heif import Item, Meta, size_of
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader
from infrastructure.gate.track import Track
from infrastructure.gate.turning import orientation_of

STILL, SEQUENCE = b"avif", b"avis"
BRANDS: Final = {STILL, SEQUENCE}
METADATA: Final = {b"Exif", b"mime", b"uri "}

MOST_OF_BRANDS: Final = 4096
"""Bytes of the box ftyp; a dozen brands is much."""

CONFIGURATION: Final = 4
"""Bytes of av1C before the units it may carry (AV1 in ISO-BMFF, section 2.3.3)."""

LAYERS: Final = 4
"""Pictures of one item at most: the spatial layers that AV1 has."""

HIDDEN: Final = 2
"""Pictures of a sequence per frame shown, at most: encoders hide one now and then to predict from."""


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    chosen = chosen_box(reader, tally)
    if chosen.kind == b"moov":
        return sequence_header(reader, tally, chosen)
    meta = Meta(reader, tally, chosen)
    check_items(meta)
    return still_header(meta)


def chosen_box(reader: Reader, tally: Tally) -> Box:
    """The box moov or meta: whether tracks or items are shown."""
    brands = brands_of(reader, tally)
    found = top_level(reader, tally, brands)
    sequence = brands[0] == SEQUENCE or (brands[0] != STILL and b"moov" in found)
    return required(found, b"moov" if sequence else b"meta")


def properties_shown(reader: Reader, tally: Tally) -> list[Box]:
    """What the file says of the image that is shown; of a grid, then of its first tile."""
    chosen = chosen_box(reader, tally)
    if chosen.kind == b"moov":
        track = main_track(tracks(reader, tally, chosen))
        return track.properties or []
    meta = Meta(reader, tally, chosen)
    item = meta.item(meta.primary)
    return item.properties + [box for number in item.parts[:1] for box in meta.item(number).properties]


def brands_of(reader: Reader, tally: Tally) -> list[bytes]:
    """The major brand and the compatible ones (ISO/IEC 14496-12, section 4.3)."""
    box = next(boxes(reader, tally, 0))
    if box.size % 4 or not 8 <= box.size <= MOST_OF_BRANDS:
        raise DamagedFile("The list of brands at the start of the file has an impossible length.")
    content = reader.take(box.at, box.size)
    return [content[:4], *(content[n : n + 4] for n in range(8, len(content), 4))]


def top_level(reader: Reader, tally: Tally, brands: list[bytes]) -> dict[bytes, Box]:
    """The boxes meta and moov. As soon as those needed are there, decoders look no further."""
    needed = {box for brand, box in ((STILL, b"meta"), (SEQUENCE, b"moov")) if brand in brands}
    found: dict[bytes, Box] = {}
    for box in boxes(reader, tally, 0, top=True):
        if box.kind in found or box.kind == b"mini":
            raise DamagedFile("The AVIF has two headers, or one of a kind that is not accepted.")
        if box.kind in {b"meta", b"moov"}:
            tally.metadata(box.size)
            found[box.kind] = box
        if needed <= found.keys():
            return found
    raise DamagedFile("The AVIF ends before its header does; it was cut short.")


def still_header(meta: Meta) -> ImageHeader:
    item = meta.items.get(meta.primary)
    if item is None:
        raise DamagedFile("The AVIF does not say which of its images is the main one.")
    if item.kind not in {b"av01", b"grid"}:
        raise UnsupportedType(
            "The main image of the file is not AV1, nor a grid of it. Save it as AVIF or JPEG."
        )
    width, height = size_of(meta.reader, item.only(b"ispe"))
    meta.tally.frame(width, height)
    orientation = orientation_of(meta.reader, item.properties)
    return ImageHeader(MediaType.AVIF, width, height, orientation=orientation)


def check_items(meta: Meta) -> None:
    """Every item is checked, the main image or not: decoders fetch alpha and tiles on their own."""
    for item in meta.items.values():
        if item.kind == b"av01":
            check_picture(meta, item)
        elif item.kind == b"grid":
            check_grid(meta, item, b"av01")
        elif item.kind in METADATA:
            meta.tally.metadata(item.size)


def check_picture(meta: Meta, item: Item) -> None:
    reader, tally, size = meta.reader, meta.tally, size_of(meta.reader, item.only(b"ispe"))
    tally.size(*size)
    check_configuration(reader, tally, item.only(b"av1C"), size)
    if not item.size:
        raise DamagedFile("A picture of the AVIF has no data.")
    pictures = av1.check(*meta.content(item), size, tally)
    if not pictures:
        raise DamagedFile("A picture of the AVIF has nothing to show.")
    if pictures > LAYERS:
        raise ImageTooComplex(
            f"An image of the AVIF is made of {pictures:,} pictures; {LAYERS} are accepted."
        )
    for _ in range(pictures):
        tally.decode(*size)


def check_configuration(reader: Reader, tally: Tally, box: Box, size: tuple[int, int]) -> None:
    av1.check(reader.until(box.end), box.at + CONFIGURATION, size, tally)


def sequence_header(reader: Reader, tally: Tally, box: Box) -> ImageHeader:
    pictures = tracks(reader, tally, box)
    main = main_track(pictures)
    frames = len(main.samples())
    if not frames:
        raise DamagedFile("The AVIF says that it is an animation and has no frames.")
    tally.frame(*main.size, count=frames)
    for track in pictures:
        check_track(track)
    orientation = orientation_of(reader, main.properties or [])
    return ImageHeader(MediaType.AVIF, *main.size, frames, orientation)


def tracks(reader: Reader, tally: Tally, box: Box) -> list[Track]:
    """Those of AV1 pictures."""
    inside = boxes(reader.until(box.end), tally, box.at)
    found = [Track(reader, tally, part) for part in inside if part.kind == b"trak"]
    return [track for track in found if track.properties is not None]


def main_track(pictures: list[Track]) -> Track:
    main = next((track for track in pictures if not track.auxiliary), None)
    if main is None:
        raise DamagedFile("The AVIF says that it is an animation and has none.")
    return main


def check_track(track: Track) -> None:
    reader, tally, samples = track.reader, track.tally, track.samples()
    tally.size(*track.size)
    for box in track.properties or ():
        if box.kind == b"av1C":
            check_configuration(reader, tally, box, track.size)
    pictures = sum(av1.check(reader.until(end), start, track.size, tally) for start, end in samples)
    if not len(samples) <= pictures <= HIDDEN * len(samples) + LAYERS:
        raise ImageTooComplex(
            f"The AVIF shows {len(samples):,} frames and decodes {pictures:,}. "
            "Save it again as an ordinary AVIF."
        )
