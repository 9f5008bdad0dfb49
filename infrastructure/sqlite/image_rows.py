"""Images and renditions, from columns to views."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from domain.findings import Findings
from domain.header import ImageHeader, MediaType
from domain.output import Output
from domain.ports.pending import PendingExamination, PendingRendering
from domain.ports.views import ImageState, ImageView, RenditionState, RenditionView
from domain.provenance import Source, Tag, shown_description, shown_source
from domain.quarantine import Quarantine
from domain.recipe import Edit, Recipe
from infrastructure.sqlite.moment import Versions, quarantine_column, rendition_columns, rendition_there
from infrastructure.sqlite.statement import Row
from infrastructure.sqlite.tables import ACTIVE, DELETED, ERASED, RESTORED

_LASTING: Final = (
    "now.image_id, now.position, now.owner, now.uploaded_by, now.uploaded_at, now.sha256, now.byte_size, "
    "now.media_type, now.width, now.height, now.orientation, now.frames"
)
_CHANGING: Final = ("changed_at", "version", "name", "descriptions", "tags", "edits")

PENDING: Final = (
    "r.image_id, r.rendition_id, i.sha256, i.media_type, i.width, i.height, i.frames, i.orientation, "
    "r.recipe, r.output, r.attempts, r.version, i.owner, r.correlation_id, i.byte_size, "
    + quarantine_column("r.image_id", None)
)
PENDING_EXAMINATION: Final = (
    "i.image_id, i.sha256, i.byte_size, i.media_type, i.width, i.height, i.frames, i.orientation, "
    "i.version, e.attempts, e.version, i.owner, e.correlation_id, " + quarantine_column("i.image_id", None)
)
STATES: Final = {
    ACTIVE: ImageState.ACTIVE,
    DELETED: ImageState.DELETED,
    ERASED: ImageState.ERASED,
    RESTORED: ImageState.ACTIVE,
}

_descriptions: Final = msgspec.json.Decoder(dict[Source, str])
_tags: Final = msgspec.json.Decoder(tuple[Tag, ...])
_findings: Final = msgspec.json.Decoder(Findings)
_edits: Final = msgspec.json.Decoder(tuple[Edit, ...])


def image_columns(images: Versions) -> str:
    """With the renditions of the recipe as it stands, of which an erased image has none."""
    renditions = f"""
        (SELECT json_group_array(json_array({rendition_columns("now", images.at)}))
         FROM (SELECT * FROM renditions
               WHERE image_id = now.image_id AND edits = {images.column("recipe")} AND now.state <> {ERASED}
               ORDER BY requested) r
         WHERE {rendition_there(images.at)})
    """
    then = "" if images.at is None else f" AND settled <= {images.at}"
    findings = f"(SELECT findings FROM examinations WHERE image = now.position{then})"
    quarantine = quarantine_column("now.image_id", images.at)
    changing = (images.column(name) for name in _CHANGING)
    return ", ".join((_LASTING, *changing, images.shown_state, renditions, findings, quarantine))


def image_view(row: Row) -> ImageView:
    descriptions = _descriptions.decode(row[15])
    renditions: list[Row] = msgspec.json.decode(row[19])
    return ImageView(
        image_id=row[0],
        position=row[1],
        owner=row[2],
        uploaded_by=row[3],
        uploaded_at=datetime.fromtimestamp(row[4] / 1_000_000, UTC),
        sha256=row[5],
        byte_size=row[6],
        media_type=MediaType(row[7]),
        width=row[8],
        height=row[9],
        orientation=row[10],
        frames=row[11],
        changed_at=row[12],
        version=row[13],
        name=row[14],
        description=shown_description(descriptions),
        description_source=shown_source(descriptions),
        tags=tuple(tag for tag in _tags.decode(row[16]) if tag.present),
        edits=_edits.decode(row[17]),
        state=STATES[row[18]],
        renditions=tuple(map(rendition_view, renditions)),
        findings=None if row[20] is None else _findings.decode(row[20]),
        quarantine=_quarantine(row[21]),
    )


def rendition_view(row: Row) -> RenditionView:
    return RenditionView(
        image_id=row[0],
        rendition_id=row[1],
        preset=row[2],
        state=RenditionState(row[3]),
        attempts=row[4],
        sha256=row[5],
        byte_size=row[6],
        media_type=MediaType(row[7]),
        width=row[8],
        height=row[9],
        failure_code=row[10],
        failure_message=row[11],
        preset_version=row[12],
        shown_as=tuple(sorted(row[13].split(" "))) if row[13] else (),
    )


def pending_rendering(row: Row) -> PendingRendering:
    return PendingRendering(
        image_id=row[0],
        rendition_id=row[1],
        original=row[2],
        byte_size=row[14],
        header=_header(*row[3:8]),
        recipe=msgspec.json.decode(row[8], type=Recipe),
        output=msgspec.json.decode(row[9], type=Output),
        attempts=row[10],
        version=row[11],
        owner=row[12],
        correlation_id=row[13],
        quarantine=_quarantine(row[15]),
    )


def pending_examination(row: Row) -> PendingExamination:
    return PendingExamination(
        image_id=row[0],
        original=row[1],
        byte_size=row[2],
        header=_header(*row[3:8]),
        image_version=row[8],
        attempts=row[9],
        version=row[10],
        owner=row[11],
        correlation_id=row[12],
        quarantine=_quarantine(row[13]),
    )


def _header(media_type: str, width: int, height: int, frames: int, orientation: int) -> ImageHeader:
    """As the gate gave it, from the size as shown."""
    shown = ImageHeader(MediaType(media_type), width, height, frames, orientation)
    return ImageHeader(MediaType(media_type), *shown.shown_size, frames, orientation)


def _quarantine(column: str | None) -> Quarantine | None:
    return None if column is None else Quarantine(*msgspec.json.decode(column))
