"""What a gallery has promised, in the marks of a journal, and whether a folder keeps it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.faults import shim
from tests.faults.gallery import Shown, open_gallery


def begun(shown: Shown) -> None:
    """An image is about to be shown like this."""
    shim.mark(f"begun {json.dumps(asdict(shown))}")


def acknowledged(shown: Shown) -> None:
    """Somebody was told that it is."""
    shim.mark(f"acknowledged {json.dumps(asdict(shown))}")


class Promises:
    """By the hash of each original, how its image may be shown."""

    def __init__(self) -> None:
        self._states: dict[str, list[Shown | None]] = {}
        self.acknowledged = 0

    def take(self, mark: str) -> None:
        kind, _, text = mark.partition(" ")
        values = json.loads(text)
        shown = Shown(**values | {"tags": tuple(values["tags"])})
        states = self._states.setdefault(shown.original, [None])
        if kind == "begun":
            states.append(shown)
        else:
            del states[: states.index(shown)]
            self.acknowledged += 1

    def broken(self, images: Sequence[Shown]) -> list[str]:
        """What is not as it was promised, of what is shown."""
        found = {image.original: image for image in images}
        wrong = [f"{image} comes from nowhere" for key, image in found.items() if key not in self._states]
        for key, states in self._states.items():
            if found.get(key) not in states:
                wrong.append(f"{found.get(key)} is none of {states}")
        return wrong


async def shown(folder: Path) -> list[Shown]:
    """All images, after the start of a store that has some work to do there."""
    async with open_gallery(folder) as gallery:
        await gallery.settled()
        return [Shown.of(image) for image in await gallery.shown()]
