"""All the cases, and the folder that they can be written to."""

import hashlib
import json
import random
from pathlib import Path
from typing import Final

from PIL import Image

from tests.nasty import bases, bombs, claims, damage, differentials, exif, good, metadata, other, polyglots
from tests.nasty.case import Case

SEED: Final = 20240229


def build(seed: int = SEED, *, big: bool = False) -> list[Case]:
    """Every case in a fixed order; nothing in them is random but by the seed."""
    rng = random.Random(seed)
    base = bases.build(rng)
    return [
        *good.cases(base),
        *damage.cases(base, rng),
        *other.cases(rng),
        *polyglots.cases(base),
        *metadata.cases(base, located_avif(seed), rng, big=big),
        *claims.cases(),
        *bombs.cases(flat_avif(), big=big),
        *differentials.cases(base),
    ]


def located_avif(seed: int) -> bytes:
    """The base picture as an AVIF with a place in it."""
    picture = bases.colours(random.Random(seed))
    block = b"Exif\0\0" + exif.located()
    return bases.encoded(picture, "AVIF", exif=block, speed=10, max_threads=1)


def flat_avif() -> bytes:
    picture = Image.new("RGB", (bombs.SIDE, bombs.SIDE), (90, 90, 90))
    return bases.encoded(picture, "AVIF", quality=30, speed=10, max_threads=1)


def digest(cases: list[Case]) -> str:
    return hashlib.sha256("".join(case.sha256 for case in cases).encode()).hexdigest()


def write(cases: list[Case], out: Path, *, seed: int, big: bool) -> None:
    """Each case to its group's folder, and manifest.json beside the groups."""
    for case in cases:
        path = out / case.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.data)
    manifest = {"seed": seed, "big": big, "files": [entry(case) for case in cases]}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def entry(case: Case) -> dict[str, str | int]:
    return {
        "group": case.group,
        "name": case.name,
        "bytes": len(case.data),
        "sha256": case.sha256,
        "want": case.want.value,
        "width": case.width,
        "height": case.height,
        "frames": case.frames,
        "note": case.note,
    }
