"""Commands on presets carried out."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import Final

from domain.commands import RemovePreset, RollBackPreset, SavePreset
from domain.errors import AlreadyClaimed, Conflict
from domain.ports.log import Append, Appended, Context, EventLog, Expect, StreamAppend
from domain.preset import STREAMS, decide, preset_stream
from domain.preset_shelf import PresetShelf, Shelved, name_claim
from domain.presets import Presets
from domain.recipe import Step
from domain.requests import Caller, check_version, request_context, retried
from domain.wanted_output import AS_USUAL, WantedOutput

MOST_PRESETS: Final = 100
"""Of one owner, beside those that are built in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPreset:
    """The whole definition, in place of the one that there is."""

    name: str
    steps: tuple[Step, ...]
    description: str = ""
    output: WantedOutput = AS_USUAL


@dataclass(frozen=True, slots=True)
class PresetDone:
    """The preset that a command was about, and the position at which its outcome shows."""

    name: str
    position: int


class PresetService:
    """What may be asked about presets. Each request is done once, however often it is repeated."""

    def __init__(self, log: EventLog, presets: Presets) -> None:
        self._log = log
        self._shelf = PresetShelf(log, presets)

    async def save(
        self, caller: Caller, wanted: WantedPreset, expected: int | None, command_id: str | None
    ) -> PresetDone:
        """Save a preset, new or in place of the one of this name. Raises Refusal.

        An `expected` version of 0 says that there is none yet.
        """
        context = request_context(caller, command_id, "save preset", asdict(wanted), expected)
        before = await self._answered(context)
        if before is not None:
            return before

        async def attempt() -> PresetDone:
            saved = await self._shelf.saved(caller.owner, wanted.name)
            check_version(
                f"{STREAMS}{wanted.name}", expected, 0 if saved is None else saved.preset.newest.version
            )
            if saved is None:
                return await self._create(context, wanted)
            command = _command(saved.stream.removeprefix(STREAMS), wanted)
            write = StreamAppend(saved.stream, decide(saved.preset, command), saved.version)
            return await self._record(Append(context=context, writes=[write], answer=wanted.name))

        try:
            return await retried(attempt)
        except AlreadyClaimed:  # somebody was faster
            return await retried(attempt)

    async def roll_back(
        self, caller: Caller, name: str, expected: int | None, command_id: str | None
    ) -> PresetDone:
        """Have images show the version from before again, which is also the newest then. Raises Refusal."""
        context = request_context(caller, command_id, "roll back preset", name, expected)
        before = await self._answered(context)
        if before is not None:
            return before

        async def attempt() -> PresetDone:
            saved = await self._shelf.expected(caller.owner, name, expected)
            command = RollBackPreset(preset_id=saved.stream.removeprefix(STREAMS))
            write = StreamAppend(saved.stream, decide(saved.preset, command), saved.version)
            return await self._record(Append(context=context, writes=[write], answer=name))

        return await retried(attempt)

    async def remove(
        self, caller: Caller, name: str, expected: int | None, command_id: str | None
    ) -> PresetDone:
        """Forget a preset; what was rendered by it stays. Raises Refusal."""
        context = request_context(caller, command_id, "remove preset", name, expected)
        before = await self._answered(context)
        if before is not None:
            return before

        async def attempt() -> PresetDone:
            return await self._remove(context, await self._shelf.expected(caller.owner, name, expected))

        return await retried(attempt)

    async def remove_all(self, caller: Caller) -> None:
        """All that the owner saved, for an owner of whom nothing shall be left. May be repeated."""
        for name in await self._shelf.names(caller.owner):
            await self.remove(caller, name, None, None)

    async def _create(self, context: Context, wanted: WantedPreset) -> PresetDone:
        command = _command(uuid.uuid4().hex, wanted)
        stream = preset_stream(command.preset_id)
        events = decide(None, command)
        if len(await self._shelf.names(context.owner)) >= MOST_PRESETS:
            raise Conflict(f"There are {MOST_PRESETS} presets already. Remove one first.", field="name")
        append = Append(
            context=context,
            writes=[StreamAppend(stream, events, Expect.NO_STREAM)],
            claims=[name_claim(wanted.name, stream)],
            answer=wanted.name,
        )
        return await self._record(append)

    async def _remove(self, context: Context, saved: Shelved) -> PresetDone:
        """What is personal of it is forgotten first, so that nobody has to remember to do it."""
        command = RemovePreset(preset_id=saved.stream.removeprefix(STREAMS))
        await self._log.forget([saved.stream])
        append = Append(
            context=context,
            writes=[StreamAppend(saved.stream, decide(saved.preset, command), saved.version)],
            releases=[name_claim(saved.preset.newest.name, saved.stream)],
            answer=saved.preset.newest.name,
        )
        return await self._record(append)

    async def _answered(self, context: Context) -> PresetDone | None:
        appended = None if context.fingerprint is None else await self._log.answered(context)
        return None if appended is None else _done(appended)

    async def _record(self, append: Append) -> PresetDone:
        return _done(await self._log.append(append))


def _command(preset_id: str, wanted: WantedPreset) -> SavePreset:
    return SavePreset(
        preset_id=preset_id,
        name=wanted.name,
        description=wanted.description,
        steps=wanted.steps,
        output=wanted.output,
    )


def _done(appended: Appended) -> PresetDone:
    return PresetDone(appended.answer, appended.position)
