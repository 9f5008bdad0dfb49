"""What a IIIF viewer is told of an image: info.json (IIIF Image API 3.0, section 5)."""

from __future__ import annotations

from typing import Any, Final

from gql.http.iiif.request import FORMATS, MOST_PIXELS, Quality, Size

CONTEXT: Final = "http://iiif.io/api/image/3/context.json"
PROTOCOL: Final = "http://iiif.io/api/image"
PROFILE: Final = "http://iiif.io/api/image/3/level2.json"

TILE: Final = 512
"""Width and height of a tile in pixels."""


def information(identifier: str, picture: Size) -> dict[str, Any]:
    """`identifier` is the URL of the image."""
    factors = scale_factors(picture)
    return {
        "@context": CONTEXT,
        "id": identifier,
        "type": "ImageService3",
        "protocol": PROTOCOL,
        "profile": "level2",
        "width": picture.width,
        "height": picture.height,
        "maxArea": MOST_PIXELS,
        "sizes": [scaled(picture, factor)._asdict() for factor in reversed(factors)],
        "tiles": [{"width": TILE, "height": TILE, "scaleFactors": factors}],
        "preferredFormats": ["jpg"],
        "extraFormats": [name for name in FORMATS if name not in {"jpg", "png"}],
        "extraQualities": [Quality.COLOR, Quality.GRAY, Quality.BITONAL],
        "extraFeatures": ["canonicalLinkHeader", "mirroring", "profileLinkHeader", "sizeUpscaling"],
    }


def scale_factors(picture: Size) -> list[int]:
    """Powers of two, until the picture fits into one tile."""
    factors = [1]
    while max(scaled(picture, factors[-1])) > TILE:
        factors.append(2 * factors[-1])
    return factors


def scaled(picture: Size, factor: int) -> Size:
    """Rounded up, as viewers do it."""
    return Size(-(-picture.width // factor), -(-picture.height // factor))
