"""Presets that people save."""

from __future__ import annotations

from functools import reduce

import pytest

from domain.commands import PresetCommand, RemovePreset, SavePreset
from domain.errors import InvalidInput, Refusal, UnknownName
from domain.events import PresetEvent, PresetRemoved, PresetSaved
from domain.header import MediaType
from domain.output import Output
from domain.preset import decide, evolve
from domain.presets import Preset, output_for
from domain.recipe import Recipe, Step
from domain.wanted_output import WantedOutput

ID = "a" * 32
GRAY = Step("grayscale", {"method": "LUMA_601"})
SAVE = SavePreset(preset_id=ID, name="web-1", steps=(Step("grayscale"),))
SAVED = PresetSaved(preset_id=ID, name="web-1", recipe=Recipe((GRAY,)))


def after(*happened: PresetEvent) -> Preset | None:
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
            description="For the web",
        ),
    )


def test_saving_what_is_there_changes_nothing() -> None:
    """And saving something else is another version."""
    then((SAVED,), SAVE)
    other = save(description="x")
    then((SAVED,), other, PresetSaved(preset_id=ID, name="web-1", recipe=Recipe((GRAY,)), description="x"))
    preset = after(SAVED, *decide(after(SAVED), other))
    assert preset is not None
    assert (preset.version, preset.description) == (2, "x")


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
