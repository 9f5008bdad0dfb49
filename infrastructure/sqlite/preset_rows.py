"""Presets: columns, lists and views."""

from __future__ import annotations

from typing import Final

import msgspec

from domain.header import MediaType
from domain.presets import Preset
from domain.recipe import Recipe
from infrastructure.sqlite.moment import span_there
from infrastructure.sqlite.statement import Row, Values, with_checkpoint

DEFINITION: Final = (
    "p.name, p.version, p.description, p.recipe, p.media_type, p.quality, p.lossless, p.background"
)


def preset_list(owner: str, as_of: int | None) -> tuple[str, Values]:
    values = Values()
    at = None if as_of is None else values.mark(as_of)
    shown = (
        "(SELECT s.version FROM shown_presets s WHERE s.owner = p.owner AND s.preset = p.name "
        f"AND s.media_type = '{MediaType.JPEG}' AND {span_there('s', at)})"
    )
    source = f"presets p ON p.owner = {values.mark(owner)} AND {span_there('p', at)}"
    return f"{with_checkpoint(f'{DEFINITION}, {shown}', source)} ORDER BY p.name", values


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
        shown=row[8],
    )
