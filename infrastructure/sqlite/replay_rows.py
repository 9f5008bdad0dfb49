"""Which images a replay of a preset is about, and what it would do to them."""

from __future__ import annotations

from domain.header import MediaType
from domain.ports.views import ReplayFate
from domain.presets import Preset, output_for
from infrastructure.sqlite.folds.json_text import manner
from infrastructure.sqlite.image_rows import image_columns
from infrastructure.sqlite.moment import Versions, image_versions, rendition_there
from infrastructure.sqlite.statement import Values, with_checkpoint
from infrastructure.sqlite.tables import DELETED, ERASED, PRESENT


def rendered_by(owner: str, preset: str, after: int, limit: int, as_of: int) -> tuple[str, Values]:
    """Positions and ids."""
    values = Values()
    images = image_versions(values, as_of)
    which = f"{_which(values, images, owner, preset)} AND now.position > {values.mark(after)}"
    source = f"{images.source}{images.join} WHERE {which}"
    order = f"ORDER BY now.position LIMIT {values.mark(limit)}"
    return f"SELECT now.position, now.image_id FROM {source} {order}", values


def replay_counts(owner: str, preset: Preset, engine: str) -> tuple[str, Values]:
    """Fates, each with how many images have it."""
    values = Values()
    images = image_versions(values, None)
    which = _which(values, images, owner, preset.name)
    fates = f"SELECT {_fate(values, preset, engine)} fate FROM {images.source} WHERE {which}"
    source = f"(SELECT fate, count(*) number FROM ({fates}) GROUP BY fate) f"
    return with_checkpoint("f.fate, f.number", source), values


def replay_sample(owner: str, preset: Preset, engine: str, limit: int) -> tuple[str, Values]:
    """The columns of images."""
    values = Values()
    images = image_versions(values, None)
    which = _which(values, images, owner, preset.name)
    fate = f"{_fate(values, preset, engine)} = '{ReplayFate.TO_RENDER}'"
    source = f"{images.source} WHERE {which} AND {fate}"
    order = f"ORDER BY now.position DESC LIMIT {values.mark(limit)}"
    return f"SELECT {image_columns(images)} FROM {source} {order}", values


def _which(values: Values, images: Versions, owner: str, preset: str) -> str:
    """Those with a rendition by the preset, whichever version of it, of their recipe as it stands."""
    made = (
        f"SELECT 1 FROM renditions r WHERE r.image_id = now.image_id AND r.edits = {images.column('recipe')} "
        f"AND r.preset = {values.mark(preset)} AND {rendition_there(images.at)}"
    )
    whose = f"now.owner = {values.mark(owner)} AND now.state <> {ERASED}"
    return f"{whose} AND {images.there} AND EXISTS ({made})"


def _fate(values: Values, preset: Preset, engine: str) -> str:
    manners = " ".join(
        f"WHEN {values.mark(each)} THEN {values.mark(manner(preset.recipe, output_for(preset, each)))}"
        for each in MediaType
    )
    there = (
        "SELECT 1 FROM renditions r WHERE r.image_id = now.image_id AND r.edits = now.recipe "
        f"AND r.until = {PRESENT} AND r.state <> 'FAILED' AND r.engine = {values.mark(engine)} "
        f"AND r.manner = CASE now.media_type {manners} END"
    )
    return (
        f"CASE WHEN now.state = {DELETED} THEN '{ReplayFate.DELETED}' "
        "WHEN EXISTS (SELECT 1 FROM quarantines q WHERE q.image_id = now.image_id) "
        f"THEN '{ReplayFate.QUARANTINED}' "
        f"WHEN EXISTS ({there}) THEN '{ReplayFate.THERE}' ELSE '{ReplayFate.TO_RENDER}' END"
    )
