"""Well-formed files cut short, and with bytes of theirs overwritten."""

import random
from collections.abc import Iterator

from tests.nasty import bases
from tests.nasty.case import Case, Want

KEPT = (1, 10, 50, 90, 99)
"""Per cent of a file that are left."""

FLIPPED = (1, 5, 9, 13)
"""Bytes of a file that are overwritten."""


def cases(base: dict[str, bytes], rng: random.Random) -> Iterator[Case]:
    for name, data in base.items():
        stem, extension = name.rsplit(".", 1)
        for percent in KEPT:
            cut = data[: max(1, len(data) * percent // 100)]
            yield damaged("cut", f"{stem}-{percent}.{extension}", cut)
        for number, count in enumerate(FLIPPED):
            yield damaged("flip", f"{stem}-{number}.{extension}", flipped(data, count, rng))


def damaged(group: str, name: str, data: bytes) -> Case:
    return Case(group, name, data, Want.DAMAGED, bases.WIDTH, bases.HEIGHT)


def flipped(data: bytes, count: int, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(count):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)
