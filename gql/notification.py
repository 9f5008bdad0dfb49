"""What webhooks are told of an event: which one it is, what it is about, and nothing personal.

Receivers that want to know more ask, by the ids: so what they keep cannot outlive an erasure, and a
forged request to them is worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from typing import Final

import msgspec

from domain.bulk import operation_of
from domain.cursor import encode_cursor
from domain.events import WIRE_NAMES, Event, personal_fields
from domain.ports.log import RecordedEvent
from gql.schema.ids import album_global_id, image_global_id, operation_global_id, rendition_global_id

_PLAIN: Final = (str, int, float)


def notification(store_id: str) -> Callable[[RecordedEvent], bytes]:
    """Writes events of a store that this version knows as JSON, with the names and ids of the API."""

    def body(recorded: RecordedEvent) -> bytes:
        event = recorded.event
        if event is None:
            raise ValueError(f"nothing is known of {recorded.type}")
        return msgspec.json.encode(
            {
                "type": recorded.type,
                "cursor": encode_cursor(store_id, recorded.position),
                "eventId": recorded.event_id.hex(),
                "recordedAt": recorded.recorded_at,
                "actor": recorded.actor,
                "commandId": recorded.command_id,
                **_about(recorded, event),
                "data": _data(event),
            }
        )

    return body


def _about(recorded: RecordedEvent, event: Event) -> dict[str, str | None]:
    """The things that an event is about; of its operation also where that is only what led to it."""
    image_id: str | None = getattr(event, "image_id", None)
    album_id: str | None = getattr(event, "album_id", None)
    rendition_id: str | None = getattr(event, "rendition_id", None)
    operation_id: str | None = getattr(event, "operation_id", operation_of(recorded.correlation_id))
    about = {"operationId": None if operation_id is None else operation_global_id(operation_id)}
    if image_id is not None:
        about["imageId"] = image_global_id(image_id)
    if image_id is not None and rendition_id is not None:
        about["renditionId"] = rendition_global_id(image_id, rendition_id)
    if album_id is not None:
        about["albumId"] = album_global_id(album_id)
    return about


def _data(event: Event) -> dict[str, object]:
    """The fields that are plain values, or lists of them."""
    values = {name: getattr(event, name) for name in _told()[type(event)]}
    if "image_ids" in values:
        values["image_ids"] = [image_global_id(image_id) for image_id in values["image_ids"]]
    if values.get("undoes"):
        values["undoes"] = operation_global_id(values["undoes"])
    return {_camel(name): value for name, value in values.items() if _is_plain(value)}


@lru_cache(maxsize=1)
def _told() -> dict[type, tuple[str, ...]]:
    """The fields of each event that may be told beside what it is about."""
    about = {"image_id", "rendition_id", "album_id", "operation_id"}
    return {
        cls: tuple(item.name for item in fields(cls) if item.name not in personal_fields(cls) | about)
        for cls in WIRE_NAMES
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(each, _PLAIN) for each in value)
    return isinstance(value, _PLAIN)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
