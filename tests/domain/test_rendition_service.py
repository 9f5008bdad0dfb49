"""Renditions on request, on adapters in memory."""

from __future__ import annotations

import asyncio

import pytest

from domain.commands import DeleteImage, EraseImage, SetRecipe, UndoImage
from domain.errors import CommandReused, Conflict, Erased, InvalidInput, NotFound, Refusal, UnknownName
from domain.events import RenderingEvent, RenderingFailed, RenderingFinished, RenderingRequested
from domain.header import MediaType
from domain.output import Output
from domain.ports.views import RenditionState
from domain.presets import Presets
from domain.recipe import Step
from domain.rendering import rendering_stream
from domain.rendition_service import RenditionDone, RenditionService, WantedRendition
from domain.requests import Caller
from domain.wanted_output import WantedOutput
from tests.domain.test_service import CALLER, World
from tests.examples import OWNER, append

GRAY = Step("grayscale")
FLAT = Step("resize", {"width": 6, "height": 1, "fit": "FILL"})
VAST = Step("resize", {"width": 32_000, "height": 32_000, "fit": "FILL"})


class Gallery(World):
    """One image, which is rendered by nothing yet."""

    def __init__(self) -> None:
        super().__init__()
        self.renditions = RenditionService(self.log, Presets())
        self.image_id = ""

    async def ask(
        self, caller: Caller = CALLER, command_id: str | None = None, **wanted: object
    ) -> RenditionDone:
        request = WantedRendition(image_id=self.image_id, **wanted)  # type: ignore[arg-type]
        return await self.renditions.request(caller, request, command_id)

    async def events(self, done: RenditionDone) -> list[RenderingEvent]:
        stream = rendering_stream(done.image_id, done.rendition_id)
        recorded = await self.log.read_stream(stream)
        return [each.event for each in recorded if isinstance(each.event, RenderingEvent)]

    async def requested(self, done: RenditionDone) -> RenderingRequested:
        event = (await self.events(done))[-1]
        assert isinstance(event, RenderingRequested)
        return event

    async def happens(self, done: RenditionDone, event: RenderingEvent) -> None:
        await self.log.append(append(rendering_stream(done.image_id, done.rendition_id), event))

    async def shown(self) -> list[tuple[str, RenditionState]]:
        view = (await self.read_model.image(OWNER, self.image_id)).value
        assert view is not None
        return [(made.rendition_id, made.state) for made in view.renditions]


@pytest.fixture
async def gallery() -> Gallery:
    gallery = Gallery()
    gallery.image_id = (await gallery.upload(presets=())).image_id
    return gallery


def failed(done: RenditionDone) -> RenderingFailed:
    return RenderingFailed(
        image_id=done.image_id, rendition_id=done.rendition_id, code="ATTEMPTS_EXHAUSTED", message="Enough."
    )


def finished(done: RenditionDone) -> RenderingFinished:
    return RenderingFinished(
        image_id=done.image_id,
        rendition_id=done.rendition_id,
        sha256="c" * 64,
        byte_size=9,
        media_type=MediaType.PNG,
        width=2,
        height=1,
    )


async def test_a_rendition_by_a_preset_is_the_one_of_an_upload(gallery: Gallery) -> None:
    """Whoever asks for it, it bears the name of the preset."""
    done = await gallery.ask(preset="thumbnail")
    (other,) = [
        each.event
        for each in await gallery.log.read(
            (await gallery.upload(b"2", presets=("thumbnail",))).position - 1, 1
        )
    ]
    event = await gallery.requested(done)
    assert isinstance(other, RenderingRequested)
    assert (event.preset, event.recipe, event.output) == ("thumbnail", other.recipe, other.output)


async def test_steps_and_output_stand_in_the_request(gallery: Gallery) -> None:
    """After those of the image itself; the largest size is the last."""
    await gallery.service.change(CALLER, SetRecipe(image_id=gallery.image_id, steps=(GRAY,)), None, None)
    output = WantedOutput(media_type=MediaType.JPEG, quality=70, background="#00ff00", largest=4)
    event = await gallery.requested(await gallery.ask(steps=(FLAT,), output=output))
    assert [step.operation for step in event.recipe.steps] == ["grayscale", "resize", "resize"]
    assert (event.edits, event.preset) == (1, "")
    assert event.output == Output(MediaType.JPEG, 70, background="#00ff00")


async def test_without_steps_and_preset_an_image_is_just_written(gallery: Gallery) -> None:
    """In its own format, where no other one is wanted."""
    event = await gallery.requested(await gallery.ask())
    assert (event.recipe.steps, event.output, event.preset) == ((), Output(MediaType.PNG), "")


async def test_a_preset_written_otherwise_is_not_the_presets(gallery: Gallery) -> None:
    """It would else be shown in the place of it."""
    other = await gallery.requested(await gallery.ask(preset="thumbnail", output=WantedOutput(quality=10)))
    assert (other.preset, other.output) == ("", Output(MediaType.WEBP, 10))
    same = await gallery.requested(await gallery.ask(preset="thumbnail", output=WantedOutput(quality=80)))
    assert same.preset == "thumbnail"


async def test_the_same_request_is_the_same_rendition(gallery: Gallery) -> None:
    """Under way or made, nothing is recorded again; racers get one."""
    one, two = await asyncio.gather(gallery.ask(steps=(GRAY,)), gallery.ask(steps=(GRAY,)))
    assert one.rendition_id == two.rendition_id
    await gallery.happens(one, finished(one))
    head = gallery.log.head
    again = await gallery.ask(steps=(Step("grayscale", {"method": "LUMA_601"}),))
    assert (again.rendition_id, gallery.log.head) == (one.rendition_id, head)
    assert await gallery.shown() == [(one.rendition_id, RenditionState.READY)]


async def test_what_has_failed_is_asked_for_again(gallery: Gallery) -> None:
    """As the same rendition, with new attempts; the past stays as it was."""
    one = await gallery.ask(steps=(GRAY,))
    await gallery.happens(one, failed(one))
    before = gallery.log.head
    again = await gallery.ask(steps=(GRAY,))
    assert again.rendition_id == one.rendition_id
    assert await gallery.shown() == [(one.rendition_id, RenditionState.PENDING)]
    (pending,) = (await gallery.read_model.pending(9)).value
    assert (pending.attempts, pending.version) == (0, 3)
    then = (await gallery.read_model.rendition(OWNER, gallery.image_id, one.rendition_id, before)).value
    assert then is not None
    assert then.state is RenditionState.FAILED


async def test_a_command_is_done_once(gallery: Gallery) -> None:
    """With its id it is answered as the first time, also where it failed since; another body is refused."""
    one = await gallery.ask(steps=(GRAY,), command_id="1")
    await gallery.happens(one, failed(one))
    assert await gallery.ask(steps=(GRAY,), command_id="1") == one
    with pytest.raises(CommandReused):
        await gallery.ask(steps=(), command_id="1")


async def test_renditions_follow_the_recipe(gallery: Gallery) -> None:
    """What was asked for before an edit is shown again when the edit is undone."""
    one = await gallery.ask()
    await gallery.service.change(CALLER, SetRecipe(image_id=gallery.image_id, steps=(GRAY,)), None, None)
    assert await gallery.shown() == []
    two = await gallery.ask()
    assert two.rendition_id != one.rendition_id
    await gallery.service.change(CALLER, UndoImage(image_id=gallery.image_id), None, None)
    assert await gallery.shown() == [(one.rendition_id, RenditionState.PENDING)]


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"preset": "thumbnial"}, UnknownName),
        ({"preset": "thumbnail", "steps": (GRAY,)}, InvalidInput),
        ({"steps": (Step("greyscale"),)}, UnknownName),
        ({"steps": (VAST,)}, InvalidInput),
        ({"steps": (GRAY,) * 101}, InvalidInput),
        ({"output": WantedOutput(quality=50)}, InvalidInput),
        ({"output": WantedOutput(largest=0)}, InvalidInput),
        ({"caller": Caller("actor-2", "owner-2")}, NotFound),
    ],
)
async def test_what_cannot_be_rendered_is_refused(
    gallery: Gallery, wanted: dict[str, object], refusal: type[Refusal]
) -> None:
    """Before anything is recorded."""
    assert await gallery.refused(gallery.ask(**wanted)) == refusal.code  # type: ignore[arg-type]


async def test_images_that_are_gone_are_not_rendered(gallery: Gallery) -> None:
    """Deleted ones can be restored first."""
    await gallery.service.change(CALLER, DeleteImage(image_id=gallery.image_id), None, None)
    assert await gallery.refused(gallery.ask()) == Conflict.code
    await gallery.service.change(CALLER, EraseImage(image_id=gallery.image_id), None, None)
    assert await gallery.refused(gallery.ask()) == Erased.code
    gallery.image_id = "0" * 32
    assert await gallery.refused(gallery.ask()) == NotFound.code


async def test_an_image_has_so_many_renditions(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is answered all the same."""
    monkeypatch.setattr("domain.rendition_service.MOST_RENDITIONS", 1)
    one = await gallery.ask()
    assert await gallery.refused(gallery.ask(steps=(GRAY,))) == Conflict.code
    assert (await gallery.ask()).rendition_id == one.rendition_id
