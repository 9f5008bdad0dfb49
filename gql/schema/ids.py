"""Global ids: a kind and what it takes to find one thing of it."""

from __future__ import annotations

import re
from typing import Final

from domain.errors import InvalidInput

_IMAGE: Final = re.compile(r"img_([0-9a-f]{32})")
_ALBUM: Final = re.compile(r"alb_([0-9a-f]{32})")
_OPERATION: Final = re.compile(r"op_([0-9a-f]{32})")
_WEBHOOK: Final = re.compile(r"whk_([0-9a-f]{32})")
_RENDITION: Final = re.compile(r"rnd_([0-9a-f]{32})_([0-9a-f]{32})")


class InvalidId(InvalidInput):
    code = "INVALID_ID"


def image_global_id(image_id: str) -> str:
    return f"img_{image_id}"


def album_global_id(album_id: str) -> str:
    return f"alb_{album_id}"


def operation_global_id(operation_id: str) -> str:
    return f"op_{operation_id}"


def webhook_global_id(webhook_id: str) -> str:
    return f"whk_{webhook_id}"


def rendition_global_id(image_id: str, rendition_id: str) -> str:
    return f"rnd_{image_id}_{rendition_id}"


def parse_image_id(global_id: str, *, field: str = "id") -> str:
    """Raises InvalidId."""
    return _parse(_IMAGE, global_id, "an image", "img_", field)


def parse_album_id(global_id: str, *, field: str = "id") -> str:
    """Raises InvalidId."""
    return _parse(_ALBUM, global_id, "an album", "alb_", field)


def parse_operation_id(global_id: str, *, field: str = "id") -> str:
    """Raises InvalidId."""
    return _parse(_OPERATION, global_id, "an operation", "op_", field)


def parse_webhook_id(global_id: str, *, field: str = "id") -> str:
    """Raises InvalidId."""
    return _parse(_WEBHOOK, global_id, "a webhook", "whk_", field)


def parse_rendition_id(global_id: str) -> tuple[str, str] | None:
    """Image and rendition; None where this is no id of a rendition."""
    match = _RENDITION.fullmatch(global_id)
    return None if match is None else (match[1], match[2])


def _parse(form: re.Pattern[str], global_id: str, kind: str, prefix: str, field: str) -> str:
    match = form.fullmatch(global_id)
    if match is None:
        message = f"This is no id of {kind}. One looks like {prefix} and 32 hex digits."
        raise InvalidId(message, field=field)
    return match[1]
