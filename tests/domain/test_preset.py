"""Presets that people save."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from domain.commands import PresetCommand, RemovePreset, RollBackPreset, SavePreset, ShowPreset
from domain.errors import InvalidInput, NothingToRollBack, Refusal, UnknownName
from domain.events import PresetEvent, PresetRemoved, PresetReplayed, PresetRolledBack, PresetSaved
from domain.header import MediaType
from domain.output import Output
from domain.preset import SavedPreset, decide, evolve
from domain.presets import Preset, output_for
from domain.recipe import Recipe, Step
from domain.wanted_output import WantedOutput

ID = "a" * 32
GRAY = Step("grayscale", {"method": "LUMA_601"})
SAVE = SavePreset(preset_id=ID, name="web-1", steps=(Step("grayscale"),))
SAVED = PresetSaved(preset_id=ID, name="web-1", recipe=Recipe((GRAY,)), version=1)


def saved(version: int, description: str = "") -> PresetSaved:
    return replace(SAVED, version=version, description=description)


def replayed(version: int) -> PresetReplayed:
    return PresetReplayed(preset_id=ID, name="web-1", version=version)


def rolled_back(version: int, to: int) -> PresetRolledBack:
    return PresetRolledBack(preset_id=ID, name="web-1", version=version, to=to)


def after(*happened: PresetEvent) -> SavedPreset | None:
    return reduce(evolve, happened, None)


def then(happened: tuple[PresetEvent, ...], command: PresetCommand, *expected: PresetEvent) -> None:
    assert tuple(decide(after(*happened), command)) == expected


def save(**changes: object) -> SavePreset:
    values: dict[str, object] = {"preset_id": ID, "name": "web-1", "steps": (Step("grayscale"),)}
    return SavePreset(**values | changes)  # type: ignore[arg-type]


def test_a_preset_is_saved_whole() -> None:
    """With its steps written out, and the largest size as one of them."""
    output = WantedOutput(media_type=MediaType.WEBP, quality=70, background="#FFFFFF", largest=800)
    then(
        (),
        save(description=" For the web ", output=output),
        PresetSaved(
            preset_id=ID,
            name="web-1",
            recipe=Recipe(
                (GRAY, Step("resize", {"width": 800, "height": 800, "fit": "INSIDE", "enlarge": False}))
            ),
            media_type=MediaType.WEBP,
            quality=70,
            background="#ffffff",
            version=1,
            description="For the web",
        ),
    )


def test_saving_what_is_there_changes_nothing() -> None:
    """And saving something else is another version."""
    then((SAVED,), SAVE)
    other = save(description="x")
    then((SAVED,), other, saved(2, "x"))
    preset = after(SAVED, *decide(after(SAVED), other))
    assert preset is not None
    assert (preset.newest.version, preset.newest.description) == (2, "x")


def test_a_version_that_was_not_written_down_is_counted() -> None:
    """Of logs from before it was."""
    preset = after(replace(SAVED, version=0), replace(SAVED, version=0, description="x"))
    assert preset is not None
    assert [each.version for each in preset.versions] == [1, 2]


def shown(*happened: PresetEvent) -> int:
    preset = after(*happened)
    assert preset is not None
    return preset.newest.shown


def test_the_first_version_is_shown_at_once_and_others_when_they_were_replayed() -> None:
    """A version that is saved changes nothing that is shown."""
    assert shown(SAVED) == shown(SAVED, saved(2, "x")) == 1
    show = ShowPreset(preset_id=ID, version=2)
    then((SAVED, saved(2, "x")), show, replayed(2))
    assert shown(SAVED, saved(2, "x"), replayed(2)) == 2


@pytest.mark.parametrize(
    "happened",
    [
        (SAVED, saved(2, "x"), replayed(2)),
        (SAVED, saved(2, "x"), saved(3, "y"), replayed(3)),
        (SAVED, saved(2, "x"), replayed(2), saved(3, "y"), replayed(3), saved(4, "x"), rolled_back(4, 2)),
    ],
)
def test_what_was_decided_later_stays(happened: tuple[PresetEvent, ...]) -> None:
    """A replay that ends when a later version is shown, by a replay or a roll back, switches nothing."""
    then(happened, ShowPreset(preset_id=ID, version=2))


def test_nothing_is_shown_of_a_preset_that_was_removed() -> None:
    """While it was replayed."""
    then((SAVED, PresetRemoved(preset_id=ID, name="web-1")), ShowPreset(preset_id=ID, version=1))


def test_a_roll_back_shows_the_version_from_before_which_is_the_newest_then() -> None:
    """So that uploads are rendered by what is shown; from there it goes further back, never forth."""
    roll_back = RollBackPreset(preset_id=ID)
    happened: tuple[PresetEvent, ...] = (SAVED, saved(2, "x"), replayed(2), saved(3, "y"), replayed(3))
    then(happened, roll_back, saved(4, "x"), rolled_back(4, 2))
    happened += saved(4, "x"), rolled_back(4, 2)
    then(happened, roll_back, saved(5), rolled_back(5, 1))
    happened += saved(5), rolled_back(5, 1)
    assert shown(*happened) == 5
    with pytest.raises(NothingToRollBack):
        decide(after(*happened), roll_back)


def test_what_was_never_shown_is_not_gone_back_to() -> None:
    """The first version that images showed is the end of it."""
    for happened in ((SAVED,), (SAVED, saved(2, "x"))):
        with pytest.raises(NothingToRollBack):
            decide(after(*happened), RollBackPreset(preset_id=ID))


def test_a_preset_is_removed_once() -> None:
    """Nothing of it is left then."""
    removed = PresetRemoved(preset_id=ID, name="web-1")
    then((SAVED,), RemovePreset(preset_id=ID), removed)
    then((SAVED, removed), RemovePreset(preset_id=ID))
    assert after(SAVED, removed) is None


@pytest.mark.parametrize(
    ("changes", "refusal", "message"),
    [
        ({"name": ""}, InvalidInput, "1 to 64 characters"),
        ({"name": "Web"}, InvalidInput, "1 to 64 characters"),
        ({"name": "a" * 65}, InvalidInput, "1 to 64 characters"),
        ({"name": "../x"}, InvalidInput, "1 to 64 characters"),
        ({"name": "thumbnail"}, InvalidInput, "is built in"),
        ({"steps": (Step("greyscale"),)}, UnknownName, "Did you mean 'grayscale'"),
        ({"steps": (GRAY,) * 101}, InvalidInput, "at most 100 steps"),
        ({"output": WantedOutput(quality=101)}, InvalidInput, "1 to 100"),
        ({"output": WantedOutput(media_type=MediaType.PNG, quality=50)}, InvalidInput, "has no quality"),
        ({"output": WantedOutput(largest=0)}, InvalidInput, "1 to 32,768 px"),
        ({"output": WantedOutput(background="white")}, InvalidInput, "#rrggbb"),
    ],
)
def test_what_is_no_preset_is_refused(
    changes: dict[str, object], refusal: type[Refusal], message: str
) -> None:
    """In words."""
    with pytest.raises(refusal, match=message):
        decide(None, save(**changes))


@pytest.mark.parametrize(
    ("original", "output"),
    [
        (MediaType.JPEG, Output(MediaType.JPEG, 70, background="#ffffff")),
        (MediaType.PNG, Output(MediaType.PNG, background="#ffffff")),
    ],
)
def test_what_a_format_has_not_is_left_out(original: MediaType, output: Output) -> None:
    """Where a preset keeps the format of the original."""
    preset = Preset(name="x", description="", recipe=Recipe(), quality=70, background="#ffffff")
    assert output_for(preset, original) == output


def test_only_formats_that_have_the_choice_are_written_without_loss() -> None:
    """The others as they usually are."""
    preset = Preset(name="x", description="", recipe=Recipe(), lossless=True)
    assert output_for(preset, MediaType.WEBP) == Output(MediaType.WEBP, None, lossless=True)
    assert output_for(preset, MediaType.JPEG) == Output(MediaType.JPEG, 85)
