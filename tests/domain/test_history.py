"""Undo, redo, and going back: further events, whose outcome is what was before."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from domain.commands import (
    ChangeImage,
    DeleteImage,
    DescribeImage,
    InsertSteps,
    RedoImage,
    RestoreImage,
    RevertImage,
    TagImage,
    UndoCommand,
    UndoImage,
    UntagImage,
)
from domain.errors import NothingToRedo, NothingToUndo
from domain.events import ImageEvent, Return
from domain.history import remember
from domain.image import Image, ImagePast, decide, evolve
from domain.provenance import Source
from domain.recipe import Step
from tests.examples import uploaded

ID = "a" * 32


class Story:
    """An image whose commands are carried out one after the other."""

    def __init__(self) -> None:
        self._events: list[tuple[int, str, ImageEvent]] = [(1, "c0", uploaded(ID, name="x", tags=("cat",)))]
        self._commands = 0

    @property
    def past(self) -> ImagePast:
        return remember(self._events, evolve)

    @property
    def image(self) -> Image:
        return self.past[-1].state

    @property
    def version(self) -> int:
        return len(self._events)

    def asks(self, command: ChangeImage) -> list[ImageEvent]:
        self._commands += 1
        events = list(decide(self.past, command))
        for event in events:
            self._events.append((len(self._events) + 1, f"c{self._commands}", event))
        return events


def describe(text: str, source: Source = Source.PERSON) -> DescribeImage:
    return DescribeImage(image_id=ID, description=text, source=source)


UNDO, REDO = UndoImage(image_id=ID), RedoImage(image_id=ID)


def test_undo_takes_back_a_whole_command() -> None:
    """However many events it led to."""
    story = Story()
    before = story.image.revision
    story.asks(DescribeImage(image_id=ID, name="y", description="text", tags=("dog",)))
    [event] = story.asks(UNDO)
    assert story.image.revision == before
    assert (event.why, event.of) == (Return.UNDO, (2, 3, 4, 5))  # type: ignore[union-attr]


def test_undo_goes_on_to_what_was_before() -> None:
    """It never undoes itself; redo does, until something new is done."""
    story = Story()
    for text in ("one", "two", "three"):
        story.asks(describe(text))
    story.asks(UNDO)
    story.asks(UNDO)
    assert story.image.description == "one"
    story.asks(REDO)
    assert story.image.description == "two"
    story.asks(describe("four"))
    assert refused(story, REDO) is NothingToRedo
    story.asks(UNDO)
    assert story.image.description == "two"


def test_there_is_an_end_to_undo() -> None:
    """The upload itself, deletion and what machines say are not undone."""
    story = Story()
    story.asks(describe("guess", Source.MACHINE))
    story.asks(DeleteImage(image_id=ID))
    story.asks(RestoreImage(image_id=ID))
    assert refused(story, UNDO) is NothingToUndo


def test_what_a_machine_said_since_stays() -> None:
    """Undo takes back what people did."""
    story = Story()
    story.asks(TagImage(image_id=ID, tags=("dog",)))
    story.asks(TagImage(image_id=ID, tags=("emu",), source=Source.MACHINE))
    story.asks(UNDO)
    assert story.image.tags == ("cat", "emu")


def test_an_image_goes_back_to_any_version() -> None:
    """By a new event, which can be undone itself."""
    story = Story()
    story.asks(InsertSteps(image_id=ID, steps=(Step("grayscale"),)))
    then, version = story.image.revision, story.version
    story.asks(InsertSteps(image_id=ID, steps=(Step("grayscale"),)))
    story.asks(describe("text"))
    now = story.image.revision
    story.asks(RevertImage(image_id=ID, version=version))
    assert story.image.revision == then
    story.asks(UNDO)
    assert story.image.revision == now


def test_a_command_is_undone_as_far_as_nothing_was_changed_since() -> None:
    """Other people's later work is not lost."""
    story = Story()
    story.asks(DescribeImage(image_id=ID, name="bulk", tags=("cat", "bulk")))
    story.asks(DescribeImage(image_id=ID, name="mine", tags=("cat", "bulk", "mine")))
    story.asks(UndoCommand(image_id=ID, command_id="c1"))
    assert (story.image.name, story.image.tags) == ("mine", ("cat", "mine"))


def test_a_deletion_is_undone_by_its_command_id() -> None:
    """And a restoration alike; where it is undone already, nothing happens."""
    story = Story()
    story.asks(DeleteImage(image_id=ID))
    story.asks(UndoCommand(image_id=ID, command_id="c1"))
    assert not story.image.deleted
    assert story.asks(UndoCommand(image_id=ID, command_id="c1")) == []
    assert story.asks(UndoCommand(image_id=ID, command_id="unknown")) == []


TEXTS = st.sampled_from(["", "one", "two"])
TAGS = st.lists(st.sampled_from(["cat", "dog", "emu"]), max_size=2).map(tuple)
EDITS: st.SearchStrategy[ChangeImage] = st.one_of(
    st.builds(DescribeImage, image_id=st.just(ID), name=TEXTS, description=TEXTS),
    st.builds(TagImage, image_id=st.just(ID), tags=TAGS),
    st.builds(UntagImage, image_id=st.just(ID), tags=TAGS),
    st.just(InsertSteps(image_id=ID, steps=(Step("grayscale"),))),
)


@settings(max_examples=200)
@forall(st.lists(EDITS, max_size=8))
def test_undo_and_redo_pass_every_state_again(commands: list[ChangeImage]) -> None:
    """Exactly, in the opposite order, and back."""
    story = Story()
    states = [story.image.revision, *(story.image.revision for command in commands if story.asks(command))]
    for state in reversed(states[:-1]):
        story.asks(UNDO)
        assert story.image.revision == state
    assert refused(story, UNDO) is NothingToUndo
    for state in states[1:]:
        story.asks(REDO)
        assert story.image.revision == state
    assert refused(story, REDO) is NothingToRedo


@settings(max_examples=200)
@forall(st.lists(st.one_of(EDITS, st.just(UNDO), st.just(REDO)), max_size=12), st.data())
def test_an_undone_command_leaves_the_rest(commands: list[ChangeImage], data: st.DataObject) -> None:
    """Undone by its id, the last command of all leaves exactly what was there before it."""
    story = Story()
    for command in commands:
        try:
            before = story.image
            story.asks(command)
        except (NothingToUndo, NothingToRedo):
            continue
    last = story.past[-1]
    if last.version == 1:
        return
    before = replace(_before(story.past, last.command_id), numbered=0)
    story.asks(UndoCommand(image_id=ID, command_id=last.command_id))
    assert replace(story.image, numbered=0) == before


def _before(past: ImagePast, command_id: str) -> Image:
    return [moment for moment in past if moment.command_id != command_id][-1].state


def refused(story: Story, command: ChangeImage) -> type[Exception] | None:
    try:
        story.asks(command)
    except (NothingToUndo, NothingToRedo) as refusal:
        return type(refusal)
    return None
