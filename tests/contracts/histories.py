"""Random histories that can happen: commands through the deciders of the domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from hypothesis import strategies as st

from domain import album, examination, image, preset, rendering
from domain.bulk import operation_stream
from domain.commands import (
    AddToAlbum,
    AlbumCommand,
    CreateAlbum,
    DeleteAlbum,
    DeleteImage,
    DescribeAlbum,
    DescribeImage,
    EnableStep,
    ImageCommand,
    InsertSteps,
    MoveInAlbum,
    PresetCommand,
    PurgeAlbum,
    PurgeImage,
    QuarantineImage,
    RedoImage,
    RemoveFromAlbum,
    RemovePreset,
    RestoreAlbum,
    RestoreImage,
    RevertImage,
    RollBackPreset,
    SavePreset,
    SetRecipe,
    ShowPreset,
    TagImage,
    UndoAlbum,
    UndoImage,
    UntagImage,
    UploadImage,
)
from domain.errors import Refusal
from domain.events import (
    AlbumErased,
    AlbumEvent,
    BulkAction,
    Event,
    ExaminationEvent,
    ImageErased,
    ImageEvent,
    OperationStarted,
    PresetEvent,
    PresetRemoved,
    RenderingEvent,
    RenderingRequested,
)
from domain.findings import Findings
from domain.header import ImageHeader, MediaType
from domain.history import Moment, remember
from domain.metadata import Metadata
from domain.ports.log import RecordedEvent
from domain.ports.rendering import Rendered, RenderFailure
from domain.presets import BUILT_IN
from domain.provenance import Source
from domain.quarantine import Quarantine
from domain.recipe import Step
from domain.service import request
from tests.examples import ACTOR, OWNER

IMAGES = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
ALBUMS = ("e" * 32, "f" * 32)
OPERATION = "9" * 32
_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Render:
    """The oldest rendering of an image goes on."""

    image_id: str
    succeeds: bool


@dataclass(frozen=True)
class Examine:
    """The examination of an image goes on."""

    image_id: str
    day: int | None


@dataclass(frozen=True)
class Erase:
    thing_id: str


Act: TypeAlias = ImageCommand | AlbumCommand | PresetCommand | Render | Examine | Erase


@dataclass
class History:
    """Everything that comes of acts; what is refused comes to nothing."""

    events: list[RecordedEvent] = field(default_factory=list)
    _streams: dict[str, list[RecordedEvent]] = field(default_factory=dict)

    def act(self, act: Act, *, by_operation: bool = False) -> None:
        try:
            written = self._outcome(act)
        except Refusal:
            return
        for stream, event in written:
            self.record(stream, event, by_operation=by_operation)

    def record(self, stream: str, event: Event, *, by_operation: bool = False) -> None:
        position, known = len(self.events) + 1, self._streams.setdefault(stream, [])
        recorded = RecordedEvent(
            position=position,
            stream=stream,
            version=len(known) + 1,
            event_id=position.to_bytes(16),
            type=type(event).__name__,
            schema_version=1,
            recorded_at=_BEGUN + timedelta(seconds=position // 3),
            command_id=f"command-{position}",
            correlation_id=operation_stream(OPERATION) if by_operation else f"command-{position}",
            causation_id="",
            actor=ACTOR,
            owner=OWNER,
            event=event,
        )
        known.append(recorded)
        self.events.append(recorded)

    def _outcome(self, act: Act) -> Sequence[tuple[str, Event]]:
        match act:
            case Render():
                return self._rendered(act)
            case Examine():
                return self._examined(act)
            case Erase(thing_id=thing_id):
                return self._erased(thing_id)
            case _ if isinstance(act, PresetCommand):
                act = replace(act, preset_id=self._preset_id)
                stream = preset.preset_stream(act.preset_id)
                return [(stream, event) for event in preset.decide(self._preset(stream), act)]
            case _ if isinstance(act, AlbumCommand):
                stream = album.album_stream(act.album_id)
                return [(stream, event) for event in album.decide(self._albums(stream), act)]
            case _:
                return self._changed(act)

    def _changed(self, command: ImageCommand) -> list[tuple[str, Event]]:
        stream = image.image_stream(command.image_id)
        past = self._images(stream)
        events = image.decide(past, command)
        written: list[tuple[str, Event]] = [(stream, event) for event in events]
        after = past[-1].state if past else None
        for event in events:
            after = image.evolve(after, event)
        if after is None:
            return written
        saved = self._preset(preset.preset_stream(self._preset_id))
        presets = BUILT_IN if saved is None else (*BUILT_IN, saved.newest)
        wanted = request(after, presets[len(self.events) % len(presets)])
        asked = rendering.rendering_stream(after.image_id, wanted.rendition_id)
        written += [(asked, event) for event in rendering.ask(self._rendering(asked), wanted)]
        return written

    def _rendered(self, act: Render) -> list[tuple[str, Event]]:
        for stream, recorded in self._streams.items():
            first = recorded[0].event
            if not isinstance(first, RenderingRequested) or first.image_id != act.image_id:
                continue
            state = self._rendering(stream)
            assert state is not None
            if state.phase is rendering.Phase.WAITING:
                return [(stream, event) for event in rendering.start(state)]
            made = Rendered(
                sha256=first.rendition_id * 2,
                byte_size=7,
                media_type=first.output.media_type,
                width=3,
                height=2,
            )
            events = rendering.settle(state, made if act.succeeds else RenderFailure("BROKEN", "Broken."))
            if events:
                return [(stream, event) for event in events]
        return []

    def _examined(self, act: Examine) -> list[tuple[str, Event]]:
        stream = examination.examination_stream(act.image_id)
        images = self._images(image.image_stream(act.image_id))
        state = examination.Examination(act.image_id)
        for recorded in self._streams.get(stream, []):
            assert isinstance(recorded.event, ExaminationEvent)
            state = examination.evolve(state, recorded.event)
        if not images or state.settled:
            return []
        if state.attempts == 0:
            begun = [] if images[-1].state.purged else examination.start(state)
            return [(stream, event) for event in begun]
        taken_at = None if act.day is None else datetime(2026, 1, act.day, tzinfo=UTC)
        found = Findings(
            pixel_hash="5" * 64,
            perceptual_hash=f"{act.day or 0:016x}",
            placeholder="x",
            metadata=Metadata(taken_at=taken_at, make="Cat"),
        )
        outcome = found if act.day != 3 else RenderFailure("BROKEN", "Broken.")
        return [(stream, event) for event in examination.settle(state, outcome)]

    def _erased(self, thing_id: str) -> list[tuple[str, Event]]:
        stream, other = image.image_stream(thing_id), album.album_stream(thing_id)
        if (images := self._images(stream)) and images[-1].state.purged:
            return [(stream, ImageErased(image_id=thing_id))]
        if (albums := self._albums(other)) and albums[-1].state.purged:
            return [(other, AlbumErased(album_id=thing_id))]
        return []

    @property
    def _preset_id(self) -> str:
        """Another one after each removal."""
        return str(sum(isinstance(each.event, PresetRemoved) for each in self.events) % 10) * 32

    def _preset(self, stream: str) -> preset.SavedPreset | None:
        state = None
        for each in self._streams.get(stream, []):
            assert isinstance(each.event, PresetEvent)
            state = preset.evolve(state, each.event)
        return state

    def _rendering(self, stream: str) -> rendering.Rendering | None:
        state = None
        for each in self._streams.get(stream, []):
            assert isinstance(each.event, RenderingEvent)
            state = rendering.evolve(state, each.event)
        return state

    def _images(self, stream: str) -> list[Moment[image.Image, ImageEvent]]:
        recorded = self._streams.get(stream, [])
        events = [(e.version, e.command_id, e.event) for e in recorded if isinstance(e.event, ImageEvent)]
        return remember(events, image.evolve)

    def _albums(self, stream: str) -> list[Moment[album.Album, AlbumEvent]]:
        recorded = self._streams.get(stream, [])
        events = [(e.version, e.command_id, e.event) for e in recorded if isinstance(e.event, AlbumEvent)]
        return remember(events, album.evolve)


def upload(image_id: str) -> UploadImage:
    number = IMAGES.index(image_id)
    return UploadImage(
        image_id=image_id,
        sha256=image_id * 2,
        byte_size=number % 2 + 1,
        header=ImageHeader(MediaType.JPEG, 100 + number % 3, 100),
        name=f"cat {number % 2}",
        tags=("cat",) if number % 2 else (),
    )


images = st.sampled_from(IMAGES[:3])
albums = st.sampled_from(ALBUMS)
sources = st.sampled_from(Source)
texts = st.sampled_from(["", "cat", "Cat", "beach day", "été"])
tags = st.lists(st.sampled_from(["cat", "dog", "Cat"]), max_size=2, unique=True).map(tuple)
steps = st.lists(
    st.sampled_from([Step("grayscale"), Step("resize", {"width": 9, "height": 9, "fit": "FILL"})]), max_size=2
).map(tuple)
several = st.lists(images, min_size=1, max_size=3, unique=True).map(tuple)
small = st.integers(0, 3)

acts: st.SearchStrategy[Act] = st.one_of(
    st.builds(
        DescribeImage,
        image_id=images,
        name=st.none() | texts,
        description=st.none() | texts,
        tags=st.none() | tags,
        source=sources,
    ),
    st.builds(TagImage, image_id=images, tags=tags, source=sources),
    st.builds(UntagImage, image_id=images, tags=tags, source=sources),
    st.builds(SetRecipe, image_id=images, steps=steps),
    st.builds(InsertSteps, image_id=images, steps=steps),
    st.builds(EnableStep, image_id=images, number=st.integers(1, 3), enabled=st.booleans()),
    st.builds(UndoImage, image_id=images),
    st.builds(RedoImage, image_id=images),
    st.builds(RevertImage, image_id=images, version=st.integers(1, 4)),
    st.builds(DeleteImage, image_id=images),
    st.builds(RestoreImage, image_id=images),
    st.builds(PurgeImage, image_id=images),
    st.builds(QuarantineImage, image_id=images, quarantine=st.just(Quarantine("TOO_SLOW", "Too slow."))),
    st.builds(Erase, thing_id=st.one_of(images, albums)),
    st.builds(Render, image_id=images, succeeds=st.booleans()),
    st.builds(Examine, image_id=images, day=st.none() | st.integers(1, 3)),
    st.builds(DescribeAlbum, album_id=albums, name=st.none() | texts, description=st.none() | texts),
    st.builds(AddToAlbum, album_id=albums, image_ids=several, index=st.none() | small),
    st.builds(RemoveFromAlbum, album_id=albums, image_ids=several),
    st.builds(MoveInAlbum, album_id=albums, image_ids=several, index=small),
    st.builds(UndoAlbum, album_id=albums),
    st.builds(SavePreset, preset_id=st.just(""), name=st.just("web"), steps=steps),
    st.builds(ShowPreset, preset_id=st.just(""), version=st.integers(1, 3)),
    st.builds(RollBackPreset, preset_id=st.just("")),
    st.builds(RemovePreset, preset_id=st.just("")),
    st.builds(DeleteAlbum, album_id=albums),
    st.builds(RestoreAlbum, album_id=albums),
    st.builds(PurgeAlbum, album_id=albums),
)


def _in_turn(*each: Callable[[str], Act]) -> Callable[[str], list[Act]]:
    return lambda thing_id: [make(thing_id) for make in each]


def _delete(image_id: str) -> Act:
    return DeleteImage(image_id=image_id)


def _purge(image_id: str) -> Act:
    return PurgeImage(image_id=image_id)


def _replayed(drawn: tuple[tuple[Step, ...], tuple[Step, ...], bool]) -> list[Act]:
    """A preset saved twice, with images that are rendered by it in between."""
    one, other, back = drawn
    recipes = [SetRecipe(image_id=i, steps=each) for each in (one, other) for i in IMAGES[:3]]
    save = [SavePreset(preset_id="", name="web", steps=each) for each in (one, other)]
    shown = [ShowPreset(preset_id="", version=n) for n in (2, 3)]
    return [save[0], *recipes, save[1], *recipes, *shown, *([RollBackPreset(preset_id="")] if back else [])]


chains: st.SearchStrategy[list[Act]] = st.one_of(
    acts.map(lambda act: [act]),
    st.lists(acts, min_size=3, max_size=6),
    images.map(_in_turn(_delete, lambda i: RestoreImage(image_id=i))),
    images.map(_in_turn(_delete, _purge)),
    images.map(_in_turn(_delete, _purge, Erase)),
    images.map(_in_turn(lambda i: Render(i, True), lambda i: Render(i, True))),
    images.map(_in_turn(lambda i: Examine(i, 1), lambda i: Examine(i, 1 + IMAGES.index(i) % 2))),
    images.map(
        _in_turn(
            lambda i: SetRecipe(image_id=i, steps=(Step("grayscale"),)),
            lambda i: DescribeImage(image_id=i, name="dog", description="cat"),
            lambda i: UndoImage(image_id=i),
            lambda i: RedoImage(image_id=i),
        )
    ),
    images.map(
        _in_turn(
            lambda i: TagImage(image_id=i, tags=("dog", "cat")),
            lambda i: UntagImage(image_id=i, tags=("dog",)),
        )
    ),
    st.tuples(steps, steps, st.booleans()).map(_replayed),
    albums.map(_in_turn(lambda a: DeleteAlbum(album_id=a), lambda a: PurgeAlbum(album_id=a), Erase)),
)
"""Acts, and some of them in an order in which they are not refused."""


def _history(drawn: Sequence[tuple[list[Act], bool]]) -> History:
    """Three images and two albums to begin with; a fourth comes at the end."""
    history = History()
    started = OperationStarted(operation_id=OPERATION, action=BulkAction.TAG, total=3)
    history.record(operation_stream(OPERATION), started)
    for image_id in IMAGES[:3]:
        history.act(upload(image_id))
    for number, album_id in enumerate(ALBUMS):
        history.act(CreateAlbum(album_id=album_id, name=f"album {number}"))
        history.act(AddToAlbum(album_id=album_id, image_ids=IMAGES[:2]))
    for chain, by_operation in drawn:
        for act in chain:
            history.act(act, by_operation=by_operation)
    history.act(upload(IMAGES[3]))
    return history


histories = st.lists(st.tuples(chains, st.booleans()), min_size=16, max_size=24).map(_history)
