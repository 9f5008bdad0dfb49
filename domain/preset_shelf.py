"""Where presets are found by their names: those that are built in, and those that an owner saved."""

from __future__ import annotations

from functools import reduce
from typing import Final, NamedTuple

from domain.errors import UnknownName
from domain.events import PresetEvent
from domain.ports import Claim, EventLog
from domain.preset import NAME, STREAMS, evolve
from domain.presets import Preset, Presets

_SCOPE: Final = "preset"


class Shelved(NamedTuple):
    """A preset that was saved, with its stream; `version` is that of the stream."""

    stream: str
    version: int
    preset: Preset


class PresetShelf:
    """Reads the log, so that what was saved a moment ago is found."""

    def __init__(self, log: EventLog, built_in: Presets) -> None:
        self._log = log
        self._built_in = built_in

    async def find(self, owner: str, name: str) -> Preset | None:
        if name in self._built_in:
            return self._built_in.get(name)
        saved = await self.saved(owner, name)
        return None if saved is None else saved.preset

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

    async def names(self, owner: str) -> list[str]:
        """Of all that the owner saved and did not remove."""
        owners = await self._log.owners(await self._log.streams(STREAMS))
        found = [await self._read(stream) for stream, whose in owners.items() if whose == owner]
        return [each.preset.name for each in found if each is not None]

    async def _read(self, stream: str) -> Shelved | None:
        recorded = await self._log.read_stream(stream)
        events = [each.event for each in recorded if isinstance(each.event, PresetEvent)]
        preset: Preset | None = reduce(evolve, events, None)
        return None if preset is None else Shelved(stream, recorded[-1].version, preset)


def name_claim(name: str, stream: str) -> Claim:
    """An owner has one preset of a name."""
    return Claim(_SCOPE, name, stream)
