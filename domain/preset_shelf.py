"""Where presets are found by their names: those that are built in, and those that an owner saved."""

from __future__ import annotations

from functools import reduce
from typing import Final, NamedTuple

from domain.errors import NotFound, UnknownName
from domain.events import PresetEvent
from domain.ports.log import Claim, EventLog
from domain.ports.views import ImageView
from domain.preset import NAME, STREAMS, SavedPreset, checked_name, evolve, preset_stream
from domain.presets import Preset, Presets
from domain.requests import check_version

_SCOPE: Final = "preset"


class Shelved(NamedTuple):
    """A preset that was saved, with its stream; `version` is that of the stream."""

    stream: str
    version: int
    preset: SavedPreset


class PresetShelf:
    """Reads the log, so that what was saved a moment ago is found."""

    def __init__(self, log: EventLog, built_in: Presets) -> None:
        self._log = log
        self._built_in = built_in

    async def find(self, owner: str, name: str) -> Preset | None:
        if name in self._built_in:
            return self._built_in.get(name)
        saved = await self.saved(owner, name)
        return None if saved is None else saved.preset.newest

    async def shown(self, owner: str, image: ImageView, name: str) -> Preset | None:
        """What a preset is for an image: the version that it shows a rendition of, or else the one that
        others show."""
        saved = await self.saved(owner, name)
        if saved is None:
            return self._built_in.get(name) if name in self._built_in else None
        rendition = image.shown(name)
        if rendition is None or name in rendition.shown_as:
            return saved.preset.version(saved.preset.shown[-1])
        known = 0 < rendition.preset_version <= len(saved.preset.versions)
        return saved.preset.version(rendition.preset_version) if known else saved.preset.newest

    async def get(self, owner: str, name: str, *, field: str) -> Preset:
        """Raises UnknownName, with the nearest of all that there are."""
        preset = await self.find(owner, name)
        if preset is None:
            built_in = [each.name for each in self._built_in]
            raise UnknownName("preset", name, [*built_in, *await self.names(owner)], field=field)
        return preset

    async def saved(self, owner: str, name: str) -> Shelved | None:
        """The owner's own one of this name."""
        stream = await self._log.holder(owner, _SCOPE, name) if NAME.fullmatch(name) else None
        return None if stream is None else await self._read(stream)

    async def expected(self, owner: str, name: str, version: int | None) -> Shelved:
        """As `saved`, at this version if one is named. Raises InvalidInput, NotFound and VersionConflict."""
        saved = await self.saved(owner, checked_name(name))
        if saved is None:
            raise NotFound(f"There is no preset named {name!r}.", field="name")
        check_version(f"{STREAMS}{name}", version, saved.preset.newest.version)
        return saved

    async def names(self, owner: str) -> list[str]:
        """Of all that the owner saved and did not remove."""
        owners = await self._log.owners(await self._log.streams(STREAMS))
        found = [await self._read(stream) for stream, whose in owners.items() if whose == owner]
        return [each.preset.newest.name for each in found if each is not None]

    async def by_id(self, preset_id: str) -> Shelved | None:
        return await self._read(preset_stream(preset_id))

    async def _read(self, stream: str) -> Shelved | None:
        recorded = await self._log.read_stream(stream)
        events = [each.event for each in recorded if isinstance(each.event, PresetEvent)]
        preset: SavedPreset | None = reduce(evolve, events, None)
        return None if preset is None else Shelved(stream, recorded[-1].version, preset)


def name_claim(name: str, stream: str) -> Claim:
    """An owner has one preset of a name."""
    return Claim(_SCOPE, name, stream)
