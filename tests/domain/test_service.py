"""Commands carried out, on adapters in memory."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest

from domain.commands import DeleteImage, DescribeImage, EraseImage, RestoreImage
from domain.errors import DamagedFile, NotFound, Refusal
from domain.events import ImageUploaded, RenderingRequested
from domain.header import ImageHeader, MediaType
from domain.ports.content import Staged
from domain.ports.log import Append, Appended
from domain.ports.views import ImageState
from domain.presets import Presets
from domain.provenance import Tag
from domain.requests import Caller
from domain.service import Done, ImageService, Outcome, Upload
from infrastructure.memory.content import MemoryContentStore
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from tests.examples import ACTOR, OWNER

CALLER = Caller(ACTOR, OWNER)


def header(content: bytes) -> ImageHeader:
    if content.startswith(b"broken"):
        raise DamagedFile("This file is broken.")
    return ImageHeader(MediaType.PNG, 8, 4)


class World:
    def __init__(self) -> None:
        self.read_model = MemoryReadModel()
        self.log = MemoryEventLog(self.read_model.fold)
        self.content = MemoryContentStore(header)
        self.service = ImageService(self.log, self.content, Presets(), ["thumbnail", "grayscale-300"])

    async def upload(
        self,
        content: bytes = b"pixels",
        caller: Caller = CALLER,
        command_id: str | None = None,
        **asked: object,
    ) -> Done:
        async with self.content.stage() as staging:
            await staging.write(content)
            staged: Staged = await staging.finish()
            upload = replace(Upload(name="a.png"), **asked)  # type: ignore[arg-type]
            return await self.service.upload(caller, staged, upload, command_id)

    async def refused(self, asking: object) -> str:
        head = self.log.head
        with pytest.raises(Refusal) as refusal:
            await asking  # type: ignore[misc]
        assert self.log.head == head
        return refusal.value.code


@pytest.fixture
def world() -> World:
    return World()


async def test_an_upload_is_recorded_with_its_renderings(world: World) -> None:
    """In one command, in this order, with recipes written out in full."""
    done = await world.upload(description="text", tags=("cat",))
    recorded = [event.event for event in await world.log.read(0, 10)]
    assert [type(event) for event in recorded] == [ImageUploaded, RenderingRequested, RenderingRequested]
    thumbnail = recorded[1]
    assert isinstance(thumbnail, RenderingRequested)
    assert thumbnail.recipe.steps[0].parameters["fit"] == "INSIDE"
    assert done.position == 3
    assert done.outcome is Outcome.NEW
    view = (await world.read_model.image(OWNER, done.image_id)).value
    assert view is not None
    assert (view.name, view.description, view.tags) == ("a.png", "text", (Tag("cat"),))


async def test_chosen_presets_replace_the_usual_ones(world: World) -> None:
    """Named twice they are rendered once; none is a choice too."""
    await world.upload(presets=("thumbnail", "thumbnail"))
    assert world.log.head == 2
    await world.upload(b"other", presets=())
    assert world.log.head == 3


async def test_the_same_bytes_are_the_same_image(world: World) -> None:
    """What was said of it first stays; renditions that are missing are asked for."""
    one = await world.upload(presets=("thumbnail",))
    two = await world.upload(name="b.png")
    assert two.outcome is Outcome.DUPLICATE
    assert two.image_id == one.image_id
    assert world.log.head == 3
    three = await world.upload()
    assert (three.image_id, three.position) == (one.image_id, 3)


async def test_bytes_of_a_deleted_image_bring_it_back(world: World) -> None:
    """Whoever uploads a picture wants it to be there."""
    one = await world.upload()
    await world.service.change(CALLER, DeleteImage(image_id=one.image_id), None, None)
    two = await world.upload()
    view = (await world.read_model.image(OWNER, one.image_id)).value
    assert two.image_id == one.image_id
    assert view is not None
    assert view.state is ImageState.ACTIVE


async def test_owners_do_not_share_images(world: World) -> None:
    """The same bytes are another image for another owner."""
    one = await world.upload()
    two = await world.upload(caller=Caller("actor-2", "owner-2"))
    assert two.outcome is not Outcome.DUPLICATE
    assert one.image_id != two.image_id


async def test_racing_uploads_of_the_same_bytes_make_one_image(world: World) -> None:
    """Whoever loses is answered with the winner's."""
    dones = await asyncio.gather(*(world.upload() for _ in range(20)))
    assert len({done.image_id for done in dones}) == 1
    assert sum(done.outcome is Outcome.NEW for done in dones) == 1
    assert world.log.head == 3


async def test_a_repeated_command_is_done_once(world: World) -> None:
    """And answered as the first time, whatever happened since."""
    one = await world.upload(command_id="c-1")
    await world.service.change(CALLER, DeleteImage(image_id=one.image_id), None, "c-2")
    assert await world.upload(command_id="c-1") == one
    repeated = await world.service.change(CALLER, DeleteImage(image_id=one.image_id), None, "c-2")
    assert repeated.position == world.log.head == 4


@pytest.mark.parametrize("other", [{"name": "b.png"}, {"content": b"other"}, {"presets": ()}])
async def test_a_command_id_names_one_request(world: World, other: dict[str, object]) -> None:
    """With another body it is refused."""
    await world.upload(command_id="c-1")
    assert await world.refused(world.upload(command_id="c-1", **other)) == "COMMAND_ID_REUSED"  # type: ignore[arg-type]


@pytest.mark.parametrize("command_id", ["", "x" * 201, "a\nb"])
async def test_a_command_id_has_a_form(world: World, command_id: str) -> None:
    """Printable and not endless."""
    assert await world.refused(world.upload(command_id=command_id)) == "INVALID_INPUT"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"content": b"broken"}, "DAMAGED_FILE"),
        ({"presets": ("thumbnial",)}, "UNKNOWN_NAME"),
        ({"tags": ("",)}, "INVALID_INPUT"),
        ({"description": "x" * 10_001}, "INVALID_INPUT"),
    ],
)
async def test_a_refused_upload_leaves_nothing_behind(
    world: World, asked: dict[str, object], code: str
) -> None:
    """Neither events nor bytes."""
    assert await world.refused(world.upload(**asked)) == code  # type: ignore[arg-type]
    content = asked.get("content", b"pixels")
    assert isinstance(content, bytes)
    with pytest.raises(NotFound):
        world.content.open(hashlib.sha256(content).hexdigest())


async def test_what_was_expected_is_checked(world: World) -> None:
    """A lost race is told, with the version that won."""
    done = await world.upload()
    describe = DescribeImage(image_id=done.image_id, description="mine")
    await world.service.change(CALLER, describe, 1, None)
    assert await world.refused(world.service.change(CALLER, describe, 1, None)) == "VERSION_CONFLICT"


async def test_changes_without_an_expectation_are_all_made(world: World) -> None:
    """Racers decide anew on what they find."""
    done = await world.upload(presets=())
    changes = [
        world.service.change(CALLER, DescribeImage(image_id=done.image_id, description=str(n)), None, None)
        for n in range(5)
    ]
    await asyncio.gather(*changes)
    view = (await world.read_model.image(OWNER, done.image_id)).value
    assert view is not None
    assert view.version == 6


async def test_what_another_owns_is_not_there(world: World) -> None:
    """It can neither be changed nor be told from what does not exist."""
    done = await world.upload()
    stranger = Caller("actor-2", "owner-2")
    for command in (DeleteImage(image_id=done.image_id), RestoreImage(image_id="f" * 32)):
        assert await world.refused(world.service.change(stranger, command, None, None)) == "NOT_FOUND"


async def test_bytes_whose_image_is_purged_meanwhile_are_a_new_image(world: World) -> None:
    """The upload found the old one there, and then it was gone."""
    one = await world.upload(presets=())
    plain = world.log.append

    async def purged_first(append: Append) -> Appended:
        world.log.append = plain  # type: ignore[method-assign]
        try:
            return await plain(append)
        finally:
            await world.service.change(CALLER, EraseImage(image_id=one.image_id), None, None)

    world.log.append = purged_first  # type: ignore[method-assign]
    two = await world.upload(presets=())
    assert two.image_id != one.image_id
    assert two.outcome is Outcome.NEW
