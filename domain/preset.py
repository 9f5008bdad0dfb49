"""A preset that somebody saved: what may be done to it, and what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from domain.commands import PresetCommand, RemovePreset, SavePreset
from domain.edits import LARGEST_RECIPE
from domain.errors import InvalidInput
from domain.events import PresetEvent, PresetRemoved, PresetSaved
from domain.header import MediaType
from domain.operations.catalogue import canonical
from domain.output import default_output
from domain.presets import BUILT_IN, Preset
from domain.recipe import Recipe
from domain.text import clean_description
from domain.wanted_output import WantedOutput, output_from, shrinking

STREAMS: Final = "preset-"

NAME: Final = re.compile("[a-z0-9-]{1,64}")
_RESERVED: Final = frozenset(preset.name for preset in BUILT_IN)


def preset_stream(preset_id: str) -> str:
    return f"{STREAMS}{preset_id}"


def decide(preset: Preset | None, command: PresetCommand) -> Sequence[PresetEvent]:
    """The events that a command leads to: none where all is as asked already. Raises Refusal."""
    match command:
        case SavePreset():
            saved = _saved(command)
            same = preset is not None and replace(preset, version=0) == _defined(saved)
            return [] if same else [saved]
        case RemovePreset():
            if preset is None:
                return []
            return [PresetRemoved(preset_id=command.preset_id, name=preset.name)]
        case _:
            assert_never(command)


def evolve(preset: Preset | None, event: PresetEvent) -> Preset | None:
    """The preset after one more event; None where it was removed."""
    match event:
        case PresetSaved():
            return replace(_defined(event), version=1 if preset is None else preset.version + 1)
        case PresetRemoved():
            return None
        case _:
            assert_never(event)


def checked_name(name: str) -> str:
    """Raises InvalidInput."""
    if not NAME.fullmatch(name):
        raise InvalidInput(
            "A preset's name has 1 to 64 characters: a to z, 0 to 9 and hyphens.", field="name"
        )
    if name in _RESERVED:
        raise InvalidInput(f"The preset {name!r} is built in. Save yours by another name.", field="name")
    return name


def _saved(command: SavePreset) -> PresetSaved:
    wanted = command.output
    _check_output(wanted)
    if len(command.steps) > LARGEST_RECIPE:
        raise InvalidInput(f"A recipe has at most {LARGEST_RECIPE} steps.", field="steps")
    return PresetSaved(
        preset_id=command.preset_id,
        name=checked_name(command.name),
        recipe=canonical(Recipe((*command.steps, *shrinking(wanted)))),
        media_type=wanted.media_type,
        quality=wanted.quality,
        lossless=bool(wanted.lossless),
        background=wanted.background and wanted.background.lower(),
        description=clean_description(command.description),
    )


def _check_output(wanted: WantedOutput) -> None:
    """Where it is in the format of the original, what some formats have not is left out for them."""
    output_from(wanted, default_output(wanted.media_type or MediaType.WEBP))


def _defined(event: PresetSaved) -> Preset:
    return Preset(
        name=event.name,
        description=event.description,
        recipe=event.recipe,
        media_type=event.media_type,
        quality=event.quality,
        lossless=event.lossless,
        background=event.background,
    )
