"""Views of what was folded."""

from __future__ import annotations

from collections.abc import Sequence

from domain.album import Album
from domain.bulk import BulkOperation
from domain.events import ImageUploaded
from domain.findings import Findings
from domain.image import Image
from domain.ports.pending import PendingExamination, PendingRendering
from domain.ports.views import AlbumView, ImageState, ImageView, OperationState, OperationView, RenditionView
from domain.provenance import shown_source
from infrastructure.memory.folded import Examined, Rendition, Thing


def upload_of(image: Thing[Image]) -> ImageUploaded:
    event = image.first.event
    if not isinstance(event, ImageUploaded):
        raise TypeError("an image begins with its upload")
    return event


def image_view(
    image: Thing[Image], renditions: Sequence[RenditionView], findings: Findings | None, *, erased: bool
) -> ImageView:
    """`erased`: by now, whatever it was at the moment."""
    state, event = image.state, upload_of(image)
    width, height = state.header.shown_size
    return ImageView(
        image_id=state.image_id,
        position=image.first.position,
        changed_at=image.last.position,
        version=image.last.version,
        owner=image.first.owner,
        uploaded_by=image.first.actor,
        uploaded_at=image.first.recorded_at,
        name="" if erased else state.name,
        description="" if erased else state.description,
        description_source=None if erased else shown_source(state.revision.descriptions),
        tags=() if erased else tuple(tag for tag in state.revision.tags if tag.present),
        edits=state.revision.edits,
        state=_state(erased=erased, deleted=state.deleted),
        sha256=event.sha256,
        byte_size=event.byte_size,
        media_type=event.media_type,
        width=width,
        height=height,
        orientation=event.orientation,
        frames=event.frames,
        quarantine=state.quarantine,
        renditions=() if erased else tuple(renditions),
        findings=None if erased else findings,
    )


def album_view(album: Thing[Album], *, erased: bool) -> AlbumView:
    """`erased`: by now, whatever it was at the moment."""
    revision = album.state.revision
    return AlbumView(
        album_id=album.state.album_id,
        position=album.first.position,
        version=album.last.version,
        owner=album.first.owner,
        created_by=album.first.actor,
        created_at=album.first.recorded_at,
        name="" if erased else revision.name,
        description="" if erased else revision.description,
        state=_state(erased=erased, deleted=album.state.deleted),
        size=len(revision.image_ids),
    )


def operation_view(operation: Thing[BulkOperation]) -> OperationView:
    started, counts = operation.state.started, operation.state.counts
    return OperationView(
        operation_id=started.operation_id,
        position=operation.first.position,
        version=operation.last.version,
        owner=operation.first.owner,
        started_by=operation.first.actor,
        started_at=operation.first.recorded_at,
        action=started.action,
        undoes=started.undoes,
        total=started.total,
        changed=counts.changed,
        unchanged=counts.unchanged,
        refused=counts.refused,
        failed=counts.failed,
        state=operation_state(operation),
    )


def operation_state(operation: Thing[BulkOperation]) -> OperationState:
    state = operation.state
    if state.cancelled:
        return OperationState.CANCELLED if state.ended else OperationState.CANCELLING
    return OperationState.FINISHED if state.ended else OperationState.RUNNING


def pending_rendering(rendition: Rendition, image: Thing[Image]) -> PendingRendering:
    event = rendition.request
    return PendingRendering(
        image_id=event.image_id,
        rendition_id=event.rendition_id,
        original=event.original,
        byte_size=upload_of(image).byte_size,
        header=image.state.header,
        recipe=event.recipe,
        output=event.output,
        attempts=rendition.view.attempts,
        version=rendition.version,
        owner=image.first.owner,
        correlation_id=rendition.requested.correlation_id,
        quarantine=image.state.quarantine,
    )


def pending_examination(image: Thing[Image], examined: Examined | None) -> PendingExamination:
    upload = upload_of(image)
    return PendingExamination(
        image_id=upload.image_id,
        original=upload.sha256,
        byte_size=upload.byte_size,
        header=image.state.header,
        image_version=image.last.version,
        attempts=0 if examined is None else examined.state.attempts,
        version=0 if examined is None else examined.version,
        owner=image.first.owner,
        correlation_id=image.first.correlation_id,
        quarantine=image.state.quarantine,
    )


def _state(*, erased: bool, deleted: bool) -> ImageState:
    if erased:
        return ImageState.ERASED
    return ImageState.DELETED if deleted else ImageState.ACTIVE
