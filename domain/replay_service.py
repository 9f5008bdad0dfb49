"""Replays of presets: what one would do, and its beginning; `infrastructure.replays` carries it out."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.bulk import begin_replay
from domain.bulk_service import OperationDone, begin_operation, operation_done
from domain.errors import InvalidInput
from domain.operations.catalogue import canonical
from domain.ports.log import EventLog
from domain.ports.read_model import ReadModel, Snapshot
from domain.ports.views import ImageView, ReplayFate
from domain.preset import STREAMS
from domain.preset_shelf import PresetShelf
from domain.presets import Preset, Presets
from domain.rendition import ENGINE
from domain.requests import Caller, request_context

LARGEST_SAMPLE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a replay of this definition would do, and some of the images that it would render."""

    preset: Preset
    counts: Counter[ReplayFate]
    sample: Sequence[ImageView]


class ReplayService:
    """Has the images that have a rendition by a preset rendered by its newest version, and then shown so."""

    def __init__(self, log: EventLog, read_model: ReadModel, presets: Presets) -> None:
        self._log = log
        self._read_model = read_model
        self._shelf = PresetShelf(log, presets)

    async def dry_run(self, caller: Caller, name: str, sample: int) -> Snapshot[DryRun]:
        """Nothing is recorded. Raises Refusal."""
        if not 0 <= sample <= LARGEST_SAMPLE:
            message = f"A sample has 0 to {LARGEST_SAMPLE} images; this is {sample}."
            raise InvalidInput(message, field="sample")
        saved = await self._shelf.expected(caller.owner, name, None)
        preset = _written_out(saved.preset.newest)
        counts = await self._read_model.replay_counts(caller.owner, preset, ENGINE)
        images = await self._read_model.replay_sample(caller.owner, preset, ENGINE, sample)
        return Snapshot(DryRun(preset=preset, counts=counts.value, sample=images), counts.as_of)

    async def start(
        self, caller: Caller, name: str, expected: int | None, command_id: str | None
    ) -> OperationDone:
        """Begin a replay of the newest version. When all are rendered, images show it, all at once.

        Raises Refusal.
        """
        context = request_context(caller, command_id, "replay preset", name, expected)
        before = await self._log.answered(context)
        if before is not None:
            return operation_done(before)
        saved = await self._shelf.expected(caller.owner, name, expected)
        newest = _written_out(saved.preset.newest)
        as_of = self._log.head
        counts = await self._read_model.replay_counts(caller.owner, newest, ENGINE)
        started = begin_replay(
            uuid.uuid4().hex,
            saved.stream.removeprefix(STREAMS),
            newest.version,
            counts.value.total(),
            as_of,
        )
        return await begin_operation(self._log, context, started)


def _written_out(preset: Preset) -> Preset:
    """As requests for renditions write it. Raises UnknownName and InvalidInput."""
    return replace(preset, recipe=canonical(preset.recipe))
