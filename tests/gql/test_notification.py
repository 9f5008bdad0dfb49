"""What webhooks are told of an event."""

from __future__ import annotations

import json
from typing import Any

from domain.bulk import operation_stream
from domain.cursor import decode_cursor
from domain.events import (
    WIRE_NAMES,
    AlbumImagesAdded,
    BulkAction,
    Event,
    ImageTagged,
    OperationStarted,
    RenderingFailed,
    RenderingFinished,
)
from domain.header import MediaType
from domain.provenance import Source
from gql.notification import notification
from infrastructure.memory.log import MemoryEventLog
from tests.examples import ACTOR, append, requested, uploaded

A, B, C, D = (letter * 32 for letter in "abcd")


async def told(event: Event, correlation_id: str | None = None) -> dict[str, Any]:
    log = MemoryEventLog()
    await log.append(append("stream", event))
    (recorded,) = await log.read(0, 1)
    if correlation_id is not None:
        recorded = recorded._replace(correlation_id=correlation_id)
    body: dict[str, Any] = json.loads(notification(log.store_id)(recorded))
    assert decode_cursor(body.pop("cursor"), log.store_id, 1) == 1
    assert bytes.fromhex(body.pop("eventId")) == recorded.event_id
    assert body.pop("recordedAt") == recorded.recorded_at.isoformat().replace("+00:00", "Z")
    assert body.pop("commandId") == recorded.command_id
    assert body.pop("actor") == ACTOR
    assert body.pop("type") == WIRE_NAMES[type(event)].name
    return body


async def test_an_upload_is_told_without_what_people_said_of_it() -> None:
    """Names, descriptions and tags are asked for, by whoever may know them."""
    body = await told(
        uploaded(A, name="Ada.jpg", description="Ada at sea", tags=("Ada",), presets=("thumbnail",))
    )
    assert body == {
        "operationId": None,
        "imageId": f"img_{A}",
        "data": {
            "sha256": A * 2,
            "byteSize": 1000,
            "mediaType": "image/jpeg",
            "width": 640,
            "height": 480,
            "orientation": 1,
            "frames": 1,
            "presets": ["thumbnail"],
        },
    }


async def test_events_name_what_they_are_about() -> None:
    """By the ids of the API; where an operation led to them, that too."""
    tagged = ImageTagged(image_id=A, source=Source.PERSON, tags=("Ada",))
    assert await told(tagged, operation_stream(D)) == {
        "operationId": f"op_{D}",
        "imageId": f"img_{A}",
        "data": {"source": "person"},
    }
    added = AlbumImagesAdded(album_id=C, image_ids=(A, B), index=3)
    assert await told(added) == {
        "operationId": None,
        "albumId": f"alb_{C}",
        "data": {"imageIds": [f"img_{A}", f"img_{B}"], "index": 3},
    }
    started = OperationStarted(operation_id=D, action=BulkAction.UNDO, total=7, undoes=C, tags=("Ada",))
    assert await told(started) == {
        "operationId": f"op_{D}",
        "data": {
            "action": "undo",
            "total": 7,
            "undoes": f"op_{C}",
            "steps": [],
            "presetId": "",
            "presetVersion": 0,
        },
    }
    finished = RenderingFinished(
        image_id=A, rendition_id=B, sha256="e" * 64, byte_size=9, media_type=MediaType.WEBP, width=3, height=2
    )
    assert await told(finished) == {
        "operationId": None,
        "imageId": f"img_{A}",
        "renditionId": f"rnd_{A}_{B}",
        "data": {"sha256": "e" * 64, "byteSize": 9, "mediaType": "image/webp", "width": 3, "height": 2},
    }
    failed = RenderingFailed(image_id=A, rendition_id=B, code="DAMAGED", message="It is broken.")
    assert (await told(failed))["data"] == {"code": "DAMAGED", "message": "It is broken."}


async def test_what_is_no_plain_value_is_asked_for() -> None:
    """Recipes, for example."""
    body = await told(requested(A, B))
    assert body["data"] == {
        "preset": "thumbnail",
        "original": A * 2,
        "edits": 0,
        "engine": "1",
        "presetVersion": 0,
    }
