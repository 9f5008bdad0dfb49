"""Presets saved and used, on adapters in memory."""

from __future__ import annotations

import asyncio

import pytest

from domain.commands import SetRecipe
from domain.errors import CommandReused, Conflict, InvalidInput, NotFound, UnknownName, VersionConflict
from domain.events import PresetRemoved, PresetSaved, RenderingRequested
from domain.preset_service import PresetDone, PresetService, WantedPreset
from domain.presets import Presets
from domain.recipe import Step
from domain.rendition_service import RenditionService, WantedRendition
from domain.requests import Caller
from tests.domain.test_service import CALLER, World

GRAY = Step("grayscale")
FLAT = Step("resize", {"width": 6, "height": 1, "fit": "FILL"})
STRANGER = Caller("actor-2", "owner-2")


class Shelf(World):
    def __init__(self) -> None:
        super().__init__()
        self.presets = PresetService(self.log, Presets())
        self.renditions = RenditionService(self.log, Presets())

    async def save(
        self,
        *steps: Step,
        name: str = "web",
        caller: Caller = CALLER,
        expected: int | None = None,
        command_id: str | None = None,
        description: str = "",
    ) -> PresetDone:
        wanted = WantedPreset(name=name, steps=steps, description=description)
        return await self.presets.save(caller, wanted, expected, command_id)

    async def remove(self, name: str = "web", expected: int | None = None) -> PresetDone:
        return await self.presets.remove(CALLER, name, expected, None)

    async def known(self, caller: Caller = CALLER) -> list[tuple[str, int]]:
        presets = (await self.read_model.presets(caller.owner)).value
        return [(preset.name, preset.version) for preset in presets]

    async def requests(self) -> list[RenderingRequested]:
        recorded = await self.log.read(0, 100)
        return [each.event for each in recorded if isinstance(each.event, RenderingRequested)]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


async def test_a_preset_is_used_as_soon_as_it_is_saved(shelf: Shelf) -> None:
    """By uploads, on request, and after each change of the recipe, each with the version that it is."""
    await shelf.save(GRAY)
    image_id = (await shelf.upload(presets=("web",))).image_id
    await shelf.save(FLAT)
    await shelf.renditions.request(CALLER, WantedRendition(image_id=image_id, preset="web"), None)
    await shelf.service.change(CALLER, SetRecipe(image_id=image_id, steps=(GRAY,)), None, None)
    told = [
        (each.preset, each.preset_version, [step.operation for step in each.recipe.steps])
        for each in await shelf.requests()
    ]
    assert told == [
        ("web", 1, ["grayscale"]),
        ("web", 2, ["resize"]),
        ("web", 2, ["grayscale", "resize"]),
    ]


async def test_an_image_does_without_a_preset_that_was_removed(shelf: Shelf) -> None:
    """Until there is one of its name again; what was rendered stays."""
    await shelf.save(GRAY)
    image_id = (await shelf.upload(presets=("web",))).image_id
    await shelf.remove()
    await shelf.service.change(CALLER, SetRecipe(image_id=image_id, steps=(GRAY,)), None, None)
    assert len(await shelf.requests()) == 1
    await shelf.save(FLAT)
    await shelf.service.change(CALLER, SetRecipe(image_id=image_id, steps=()), None, None)
    assert [each.preset_version for each in await shelf.requests()] == [1, 1]


async def test_a_preset_belongs_to_its_owner(shelf: Shelf) -> None:
    """Another one may give the same name to something else."""
    await shelf.save(GRAY)
    assert await shelf.refused(shelf.upload(caller=STRANGER, presets=("web",))) == UnknownName.code
    await shelf.save(FLAT, caller=STRANGER)
    assert await shelf.known(STRANGER) == await shelf.known() == [("web", 1)]


async def test_the_nearest_of_all_names_is_suggested(shelf: Shelf) -> None:
    """Also of those that were saved, but not of those that are gone or another owner's."""
    await shelf.save(name="postcard")
    await shelf.save(name="postcart", caller=STRANGER)
    with pytest.raises(UnknownName, match="Did you mean 'postcard'") as refusal:
        await shelf.upload(presets=("postcar",))
    assert refusal.value.field == "presets"
    await shelf.remove("postcard")
    with pytest.raises(UnknownName, match="Known: grayscale-300, thumbnail"):
        await shelf.upload(presets=("postcar",))
    assert await shelf.refused(shelf.upload(presets=("\ud800",))) == UnknownName.code


async def test_versions_are_expected(shelf: Shelf) -> None:
    """0 is that of a preset that is not there yet."""
    await shelf.save(expected=0)
    assert await shelf.refused(shelf.save(GRAY, expected=0)) == VersionConflict.code
    await shelf.save(GRAY, expected=1)
    assert await shelf.refused(shelf.remove(expected=1)) == VersionConflict.code
    await shelf.remove(expected=2)
    await shelf.save(GRAY, expected=0)
    assert await shelf.known() == [("web", 1)]


async def test_racers_save_one_preset_of_a_name(shelf: Shelf) -> None:
    """In two versions."""
    await asyncio.gather(shelf.save(GRAY), shelf.save(FLAT))
    assert await shelf.known() == [("web", 2)]


async def test_a_command_is_done_once(shelf: Shelf) -> None:
    """With its id it is answered as the first time, whatever happened since; another body is refused."""
    one = await shelf.save(GRAY, command_id="1")
    await shelf.save(FLAT)
    assert await shelf.save(GRAY, command_id="1") == one
    assert await shelf.known() == [("web", 2)]
    assert await shelf.refused(shelf.save(FLAT, command_id="1")) == CommandReused.code


async def test_what_is_not_there_cannot_be_removed(shelf: Shelf) -> None:
    """And what is built in stays."""
    assert await shelf.refused(shelf.remove("nothing")) == NotFound.code
    assert await shelf.refused(shelf.remove("thumbnail")) == InvalidInput.code
    assert await shelf.refused(shelf.save(name="thumbnail")) == InvalidInput.code


async def test_the_description_is_forgotten_with_the_preset(shelf: Shelf) -> None:
    """In the log, from the first version on."""
    await shelf.save(GRAY, description="By Ada.")
    await shelf.remove()
    saved, removed = [each.event for each in await shelf.log.read(0, 9)]
    assert isinstance(saved, PresetSaved)
    assert isinstance(removed, PresetRemoved)
    assert (saved.description, saved.name, removed.name) == ("", "web", "web")


async def test_of_an_owner_who_is_erased_no_preset_is_left(shelf: Shelf) -> None:
    """Others keep theirs."""
    await shelf.save(GRAY)
    await shelf.save(FLAT, name="other")
    await shelf.save(GRAY, caller=STRANGER)
    await shelf.presets.remove_all(CALLER)
    await shelf.presets.remove_all(CALLER)
    assert await shelf.known() == []
    assert await shelf.known(STRANGER) == [("web", 1)]


async def test_an_owner_has_so_many_presets(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are there can be saved all the same."""
    monkeypatch.setattr("domain.preset_service.MOST_PRESETS", 1)
    await shelf.save(GRAY)
    assert await shelf.refused(shelf.save(name="other")) == Conflict.code
    await shelf.save(FLAT)
    assert await shelf.known() == [("web", 2)]
