"""What a IIIF Image API 3.0 URL asks for: region, size, rotation, quality and format (sections 4.1 to 4.5).

All of level 2, and beside it `^` (scaling up), mirroring, and WebP and TIFF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final, NamedTuple

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.recipe import Step

MOST_PIXELS: Final = 20_000_000
"""The area of the largest picture that is made for a request."""

FORMATS: Final = {
    "jpg": MediaType.JPEG,
    "png": MediaType.PNG,
    "webp": MediaType.WEBP,
    "tif": MediaType.TIFF,
}

_NUMBER: Final = r"(\d{1,9}(?:\.\d{1,9})?)"
_PIXELS: Final = re.compile(",".join([r"(\d{1,9})"] * 4), re.ASCII)
_PERCENT: Final = re.compile("pct:" + ",".join([_NUMBER] * 4), re.ASCII)
_SIZE_PERCENT: Final = re.compile("pct:" + _NUMBER, re.ASCII)
_SIZE: Final = re.compile(r"(!?)(\d{0,9}),(\d{0,9})", re.ASCII)
_ROTATION: Final = re.compile(r"(!?)" + _NUMBER, re.ASCII)


class Quality(StrEnum):
    DEFAULT = "default"
    COLOR = "color"
    GRAY = "gray"
    BITONAL = "bitonal"


class Size(NamedTuple):
    width: int
    height: int


class Region(NamedTuple):
    """Whole pixels within the picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """`rotation`: clockwise, in quarters of a turn, after mirroring left and right."""

    region: Region
    size: Size
    mirrored: bool
    rotation: int
    quality: Quality
    format: str

    @property
    def media_type(self) -> MediaType:
        return FORMATS[self.format]

    def steps(self, picture: Size) -> tuple[Step, ...]:
        """What is done to a picture of this size."""
        steps = []
        if self.region != (0, 0, *picture):
            steps.append(Step("crop", self.region._asdict()))
        if self.size != self.region[2:]:
            steps.append(Step("resize", self.size._asdict()))
        if self.mirrored:
            steps.append(Step("flip", {"axis": "HORIZONTAL"}))
        if self.rotation:
            steps.append(Step("rotate", {"degrees": -90.0 * self.rotation}))
        if self.quality in {Quality.GRAY, Quality.BITONAL}:
            steps.append(Step("grayscale"))
        if self.quality is Quality.BITONAL:
            steps.append(Step("threshold", {"method": "OTSU"}))
        return tuple(steps)

    def canonical(self, picture: Size) -> str:
        """The one form of the request (section 4.7): region/size/rotation/quality.format."""
        region = "full" if self.region == (0, 0, *picture) else ",".join(map(str, self.region))
        whole = Size(*self.region[2:])
        enlarged = self.size.width > whole.width or self.size.height > whole.height
        size = f"{'^' if enlarged else ''}{self.size.width},{self.size.height}"
        if self.size == _most(whole):
            size = "max"
        rotation = f"{'!' if self.mirrored else ''}{90 * self.rotation}"
        return f"{region}/{size}/{rotation}/{self.quality}.{self.format}"


def parse(path: str, picture: Size) -> ImageRequest:
    """The four last parts of a URL, for a picture of this size. Raises InvalidInput."""
    parts = path.split("/")
    if len(parts) != 4:
        raise InvalidInput("A request is {region}/{size}/{rotation}/{quality}.{format}.", field="path")
    name, dot, extension = parts[3].rpartition(".")
    if not dot or extension not in FORMATS:
        raise InvalidInput(f"The format is one of {', '.join(FORMATS)}.", field="format")
    if name not in list(Quality):
        raise InvalidInput(f"The quality is one of {', '.join(Quality)}.", field="quality")
    region = parse_region(parts[0], picture)
    mirrored, rotation = _rotation(parts[2])
    return ImageRequest(
        region=region,
        size=parse_size(parts[1], Size(region.width, region.height)),
        mirrored=mirrored,
        rotation=rotation,
        quality=Quality(name),
        format=extension,
    )


def parse_region(text: str, picture: Size) -> Region:
    """Raises InvalidInput, also where nothing of it is within the picture."""
    if text == "full":
        return Region(0, 0, *picture)
    if text == "square":
        side = min(picture)
        return Region((picture.width - side) // 2, (picture.height - side) // 2, side, side)
    if found := _PIXELS.fullmatch(text):
        x, y, width, height = map(float, found.groups())
    elif found := _PERCENT.fullmatch(text):
        parts = [float(part) / 100 for part in found.groups()]
        x, width = parts[0] * picture.width, parts[2] * picture.width
        y, height = parts[1] * picture.height, parts[3] * picture.height
    else:
        raise InvalidInput("The region is full, square, x,y,w,h or pct:x,y,w,h.", field="region")
    left, top = round(x), round(y)
    right, bottom = min(round(x + width), picture.width), min(round(y + height), picture.height)
    if left >= right or top >= bottom:
        message = (
            f"Nothing of the region lies within the picture, which is {picture.width} x {picture.height}."
        )
        raise InvalidInput(message, field="region")
    return Region(left, top, right - left, bottom - top)


def parse_size(text: str, region: Size) -> Size:
    """Raises InvalidInput, also where it is larger than the region without `^`, or too large to be made."""
    enlarge, text = text.startswith("^"), text.removeprefix("^")
    if text == "max":
        return _most(region, enlarge=enlarge)
    size = _wanted(text, region, enlarge=enlarge)
    if min(size) < 1:
        raise InvalidInput("The size is at least one pixel each way.", field="size")
    if not enlarge and (size.width > region.width or size.height > region.height):
        message = f"The region has {region.width} x {region.height} pixels; write ^ to have it scaled up."
        raise InvalidInput(message, field="size")
    if size.width * size.height > MOST_PIXELS:
        raise InvalidInput(f"At most {MOST_PIXELS:,} pixels are made for a request.", field="size")
    return size


def _wanted(text: str, region: Size, *, enlarge: bool) -> Size:
    if found := _SIZE_PERCENT.fullmatch(text):
        part = float(found[1]) / 100
        return Size(round(region.width * part), round(region.height * part))
    found = _SIZE.fullmatch(text)
    if found is None or not (found[2] or found[3]) or (found[1] and not (found[2] and found[3])):
        raise InvalidInput("The size is max, w, or ,h or w,h or !w,h or pct:n, or ^ and these.", field="size")
    if found[1]:
        return _within(Size(int(found[2]), int(found[3])), region, enlarge=enlarge)
    width = int(found[2]) if found[2] else round(region.width * int(found[3]) / region.height)
    height = int(found[3]) if found[3] else round(region.height * int(found[2]) / region.width)
    return Size(width if found[2] else max(width, 1), height if found[3] else max(height, 1))


def _within(box: Size, region: Size, *, enlarge: bool) -> Size:
    """As large as fits into the box, in the region's shape. Of a box that is larger than the region, without
    `^`, `parse_size` complains."""
    part = min(box.width / region.width, box.height / region.height)
    if part > 1 and not enlarge:
        return box
    return Size(max(round(region.width * part), min(box.width, 1)), max(round(region.height * part), 1))


def _most(region: Size, *, enlarge: bool = False) -> Size:
    area = region.width * region.height
    if area <= MOST_PIXELS and not enlarge:
        return region
    part = sqrt(MOST_PIXELS / area)
    width = max(int(region.width * part), 1)
    height = max(int(region.height * part), 1)
    return Size(min(width, MOST_PIXELS // height), height)


def _rotation(text: str) -> tuple[bool, int]:
    found = _ROTATION.fullmatch(text)
    degrees = float(found[2]) if found else -1.0
    if found is None or degrees > 360 or degrees % 90:
        raise InvalidInput("The rotation is 0, 90, 180 or 270, and ! before it to mirror.", field="rotation")
    return bool(found[1]), int(degrees // 90) % 4
