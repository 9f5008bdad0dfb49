"""Global ids: a kind and what it takes to find one thing of it."""

from __future__ import annotations

import re
from typing import Final

from domain.errors import InvalidInput

_IMAGE: Final = re.compile(r"img_([0-9a-f]{32})")
_RENDITION: Final = re.compile(r"rnd_([0-9a-f]{32})_([0-9a-f]{32})")


class InvalidId(InvalidInput):
    code = "INVALID_ID"


def image_global_id(image_id: str) -> str:
    return f"img_{image_id}"


def rendition_global_id(image_id: str, rendition_id: str) -> str:
    return f"rnd_{image_id}_{rendition_id}"


def parse_image_id(global_id: str, *, field: str = "id") -> str:
    """Raises InvalidId."""
    match = _IMAGE.fullmatch(global_id)
    if match is None:
        raise InvalidId("This is no id of an image. One looks like img_ and 32 hex digits.", field=field)
    return match[1]


def parse_rendition_id(global_id: str) -> tuple[str, str] | None:
    """Image and rendition; None where this is no id of a rendition."""
    match = _RENDITION.fullmatch(global_id)
    return None if match is None else (match[1], match[2])
