"""What a IIIF viewer is told of an image: info.json (IIIF Image API 3.0, section 5)."""

from __future__ import annotations

from typing import Any, Final

from domain.picture import TILE, TileName
from gql.http.iiif.request import FORMATS, MOST_PIXELS, ImageRequest, Quality, Size

CONTEXT: Final = "http://iiif.io/api/image/3/context.json"
PROTOCOL: Final = "http://iiif.io/api/image"
PROFILE: Final = "http://iiif.io/api/image/3/level2.json"


def information(identifier: str, picture: Size) -> dict[str, Any]:
    """`identifier` is the URL of the image."""
    factors = scale_factors(picture)
    sizes = (scaled(picture, factor) for factor in reversed(factors))
    return {
        "@context": CONTEXT,
        "id": identifier,
        "type": "ImageService3",
        "protocol": PROTOCOL,
        "profile": "level2",
        "width": picture.width,
        "height": picture.height,
        "maxArea": MOST_PIXELS,
        "sizes": [size._asdict() for size in sizes if size.width * size.height <= MOST_PIXELS],
        "tiles": [{"width": TILE, "height": TILE, "scaleFactors": factors}],
        "preferredFormats": ["jpg"],
        "extraFormats": [name for name in FORMATS if name not in {"jpg", "png"}],
        "extraQualities": [Quality.COLOR, Quality.GRAY, Quality.BITONAL],
        "extraFeatures": ["canonicalLinkHeader", "mirroring", "profileLinkHeader", "sizeUpscaling"],
    }


def tile_of(asked: ImageRequest, picture: Size) -> TileName | None:
    """The tile that a request is for, if it is for one, as a JPEG and upright."""
    plain = asked.quality in {Quality.DEFAULT, Quality.COLOR} and not asked.mirrored and not asked.rotation
    if not plain or asked.format != "jpg":
        return None
    return next((tile for factor in scale_factors(picture) if (tile := _tile(asked, picture, factor))), None)


def _tile(asked: ImageRequest, picture: Size, factor: int) -> TileName | None:
    side, region = TILE * factor, asked.region
    width, height = min(side, picture.width - region.x), min(side, picture.height - region.y)
    if region.x % side or region.y % side or region[2:] != (width, height):
        return None
    if asked.size != scaled(Size(width, height), factor):
        return None
    return TileName(factor, region.x // side, region.y // side)


def scale_factors(picture: Size) -> list[int]:
    """Powers of two, until the picture fits into one tile."""
    factors = [1]
    while max(scaled(picture, factors[-1])) > TILE:
        factors.append(2 * factors[-1])
    return factors


def scaled(picture: Size, factor: int) -> Size:
    """Rounded up, as viewers do it."""
    return Size(-(-picture.width // factor), -(-picture.height // factor))
