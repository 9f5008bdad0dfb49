"""Presets: columns, lists and views."""

from __future__ import annotations

import msgspec

from domain.header import MediaType
from domain.presets import Preset
from domain.recipe import Recipe
from infrastructure.sqlite.statement import Row, Values, with_checkpoint
from infrastructure.sqlite.tables import PRESENT

_COLUMNS = "p.name, p.version, p.description, p.recipe, p.media_type, p.quality, p.lossless, p.background"


def preset_list(owner: str, as_of: int | None) -> tuple[str, Values]:
    values = Values()
    there = f"p.until = {PRESENT}"
    if as_of is not None:
        at = values.mark(as_of)
        there = f"p.since <= {at} AND p.until > {at}"
    source = f"presets p ON p.owner = {values.mark(owner)} AND {there}"
    return f"{with_checkpoint(_COLUMNS, source)} ORDER BY p.name", values


def preset_view(row: Row) -> Preset:
    return Preset(
        name=row[0],
        version=row[1],
        description=row[2],
        recipe=msgspec.json.decode(row[3], type=Recipe),
        media_type=None if row[4] is None else MediaType(row[4]),
        quality=row[5],
        lossless=bool(row[6]),
        background=row[7],
    )
