"""What a history amounts to, by the rules of the domain and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar, assert_never

from domain.album import Album
from domain.album import evolve as evolve_album
from domain.bulk import BulkOperation, operation_of
from domain.bulk import evolve as evolve_operation
from domain.events import (
    AlbumEvent,
    Event,
    ExaminationEvent,
    ImageEvent,
    ImageExamined,
    OperationEvent,
    PresetEvent,
    RenderingEvent,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
    WebhookEvent,
)
from domain.examination import Examination
from domain.examination import evolve as evolve_examination
from domain.examination import findings as findings_of
from domain.findings import Findings
from domain.image import Image
from domain.image import evolve as evolve_image
from domain.ports.log import RecordedEvent
from domain.ports.views import RenditionState, RenditionView
from domain.preset import SavedPreset
from domain.preset import evolve as evolve_preset
from domain.presets import Preset

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Thing(Generic[S]):
    """A state, with the event that began it and the one that made it what it is."""

    state: S
    first: RecordedEvent
    last: RecordedEvent


@dataclass(frozen=True, slots=True)
class Rendition:
    request: RenderingRequested
    requested: RecordedEvent
    version: int
    view: RenditionView


@dataclass(frozen=True, slots=True)
class Examined:
    state: Examination
    version: int
    findings: Findings | None


@dataclass(slots=True)
class Folded:
    """Everything by its id, in the order in which it came to be."""

    position: int = 0
    images: dict[str, Thing[Image]] = field(default_factory=dict)
    renditions: dict[tuple[str, str], Rendition] = field(default_factory=dict)
    examinations: dict[str, Examined] = field(default_factory=dict)
    """Of images whose examination has begun."""
    albums: dict[str, Thing[Album]] = field(default_factory=dict)
    presets: dict[str, Thing[SavedPreset]] = field(default_factory=dict)
    shown: dict[tuple[str, str], Preset] = field(default_factory=dict)
    """By owner and name, whatever became of the preset since."""
    removed_presets: set[str] = field(default_factory=set)
    operations: dict[str, Thing[BulkOperation]] = field(default_factory=dict)
    changed_by: dict[str, set[str]] = field(default_factory=dict)
    """Ids of images by the operation that led to what happened to them."""

    def apply(self, recorded: RecordedEvent) -> None:
        self.position = recorded.position
        if recorded.event is not None:
            self._apply(recorded, recorded.event)

    def _apply(self, recorded: RecordedEvent, event: Event) -> None:
        if isinstance(event, RenderingEvent):
            self._rendering(recorded, event)
        elif isinstance(event, ExaminationEvent):
            self._examination(recorded, event)
        elif isinstance(event, ImageEvent):
            _put(self.images, event.image_id, recorded, event, evolve_image)
            operation_id = operation_of(recorded.correlation_id)
            if operation_id is not None:
                self.changed_by.setdefault(operation_id, set()).add(event.image_id)
        elif isinstance(event, AlbumEvent):
            _put(self.albums, event.album_id, recorded, event, evolve_album)
        elif isinstance(event, PresetEvent):
            self._preset(recorded, event)
        elif isinstance(event, OperationEvent):
            _put(self.operations, event.operation_id, recorded, event, evolve_operation)
        elif isinstance(event, WebhookEvent):
            pass  # nothing of them is queried here
        else:
            assert_never(event)

    def _preset(self, recorded: RecordedEvent, event: PresetEvent) -> None:
        before = self.presets.pop(event.preset_id, None)
        preset = evolve_preset(None if before is None else before.state, event)
        if preset is not None:
            first = recorded if before is None else before.first
            self.presets[event.preset_id] = Thing(preset, first, recorded)
            self.shown[recorded.owner, event.name] = preset.version(preset.shown[-1])
        else:
            self.removed_presets.add(event.preset_id)

    def _examination(self, recorded: RecordedEvent, event: ExaminationEvent) -> None:
        before = self.examinations.get(event.image_id)
        state = evolve_examination(None if before is None else before.state, event)
        found = findings_of(event) if isinstance(event, ImageExamined) else None
        self.examinations[event.image_id] = Examined(state, recorded.version, found)

    def _rendering(self, recorded: RecordedEvent, event: RenderingEvent) -> None:
        key = (event.image_id, event.rendition_id)
        if isinstance(event, RenderingRequested):
            self.renditions.pop(key, None)  # what is requested again is the newest
            self.renditions[key] = Rendition(event, recorded, recorded.version, _requested(event))
        else:
            before = self.renditions[key]
            self.renditions[key] = replace(
                before, view=_went_on(before.view, event), version=recorded.version
            )


def _put(
    things: dict[str, Thing[S]],
    thing_id: str,
    recorded: RecordedEvent,
    event: E,
    evolve: Callable[[S | None, E], S],
) -> None:
    before = things.get(thing_id)
    state = evolve(None if before is None else before.state, event)
    things[thing_id] = Thing(state, recorded if before is None else before.first, recorded)


def _requested(event: RenderingRequested) -> RenditionView:
    return RenditionView(
        image_id=event.image_id,
        rendition_id=event.rendition_id,
        preset=event.preset,
        state=RenditionState.PENDING,
        attempts=0,
        sha256=None,
        byte_size=None,
        media_type=event.output.media_type,
        width=None,
        height=None,
        failure_code=None,
        failure_message=None,
        preset_version=event.preset_version,
    )


def _went_on(
    view: RenditionView, event: RenderingStarted | RenderingFinished | RenderingFailed
) -> RenditionView:
    match event:
        case RenderingStarted(attempt=attempt):
            return replace(view, state=RenditionState.RENDERING, attempts=attempt)
        case RenderingFinished():
            return replace(
                view,
                state=RenditionState.READY,
                sha256=event.sha256,
                byte_size=event.byte_size,
                media_type=event.media_type,
                width=event.width,
                height=event.height,
            )
        case RenderingFailed(code=code, message=message):
            return replace(view, state=RenditionState.FAILED, failure_code=code, failure_message=message)
        case _:
            assert_never(event)
