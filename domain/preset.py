"""A preset that somebody saved: what may be done to it, and what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from domain.commands import PresetCommand, RemovePreset, RollBackPreset, SavePreset, ShowPreset
from domain.edits import LARGEST_RECIPE
from domain.errors import InvalidInput, NothingToRollBack
from domain.events import PresetEvent, PresetRemoved, PresetReplayed, PresetRolledBack, PresetSaved
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


@dataclass(frozen=True, slots=True)
class SavedPreset:
    """All definitions that it ever had, the first one as version 1.

    `shown`: the versions that images have shown, up to the one that they show; those that a roll back took
    away are left out.
    """

    versions: tuple[Preset, ...]
    shown: tuple[int, ...]

    @property
    def newest(self) -> Preset:
        """What is rendered from now on is by this one."""
        return replace(self.versions[-1], shown=self.shown[-1])

    def version(self, number: int) -> Preset:
        return self.versions[number - 1]


def preset_stream(preset_id: str) -> str:
    return f"{STREAMS}{preset_id}"


def decide(preset: SavedPreset | None, command: PresetCommand) -> Sequence[PresetEvent]:
    """The events that a command leads to: none where all is as asked already. Raises Refusal."""
    if isinstance(command, SavePreset):
        return _save(preset, command)
    if preset is None:
        return []
    name = preset.newest.name
    match command:
        case ShowPreset(preset_id=preset_id, version=version):
            # what was rolled back to, or replayed, since this was begun has a higher version, and stays
            if not preset.shown[-1] < version <= len(preset.versions):
                return []
            return [PresetReplayed(preset_id=preset_id, name=name, version=version)]
        case RollBackPreset():
            return _roll_back(preset, command)
        case RemovePreset(preset_id=preset_id):
            return [PresetRemoved(preset_id=preset_id, name=name)]
        case _:
            assert_never(command)


def evolve(preset: SavedPreset | None, event: PresetEvent) -> SavedPreset | None:
    """The preset after one more event; None where it was removed."""
    if isinstance(event, PresetSaved):
        versions = () if preset is None else preset.versions
        saved = replace(definition(event), version=len(versions) + 1)
        return SavedPreset((*versions, saved), (1,) if preset is None else preset.shown)
    if preset is None:
        raise ValueError(f"{type(event).__name__} before PresetSaved")
    match event:
        case PresetReplayed():
            return replace(preset, shown=(*preset.shown, event.version))
        case PresetRolledBack():
            return replace(preset, shown=(*preset.shown[:-2], event.version))
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


def definition(event: PresetSaved) -> Preset:
    """Without its version."""
    return Preset(
        name=event.name,
        description=event.description,
        recipe=event.recipe,
        media_type=event.media_type,
        quality=event.quality,
        lossless=event.lossless,
        background=event.background,
    )


def _save(preset: SavedPreset | None, command: SavePreset) -> list[PresetEvent]:
    saved = _saved(command)
    if preset is None:
        return [replace(saved, version=1)]
    if replace(preset.versions[-1], version=0) == definition(saved):
        return []
    return [replace(saved, version=len(preset.versions) + 1)]


def _roll_back(preset: SavedPreset, command: RollBackPreset) -> list[PresetEvent]:
    """The former definition is the newest one again, so that uploads are rendered by what is shown."""
    if len(preset.shown) < 2:
        raise NothingToRollBack(
            "Images have shown no version before this one. Save the definition that you want.", field="name"
        )
    former, version = preset.version(preset.shown[-2]), len(preset.versions) + 1
    return [
        PresetSaved(
            preset_id=command.preset_id,
            name=former.name,
            recipe=former.recipe,
            media_type=former.media_type,
            quality=former.quality,
            lossless=former.lossless,
            background=former.background,
            version=version,
            description=former.description,
        ),
        PresetRolledBack(preset_id=command.preset_id, name=former.name, version=version, to=former.version),
    ]


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
