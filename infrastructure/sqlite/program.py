"""A hash of program text: of modules, and of all of our own that they import."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

_HOME: Final = Path(__file__).resolve().parents[2]
"""The folder that holds the packages `domain` and `infrastructure`."""

_FOLD: Final = ("infrastructure.sqlite.folding",)
_IMPORT: Final = re.compile(r"^\s*(?:from|import)\s+((?:domain|infrastructure)(?:\.\w+)*)", re.MULTILINE)


@lru_cache(maxsize=1)
def projection_hash() -> str:
    """Of everything that has a part in a fold of the log, from the rows of the log to the tables.

    Read once: what this process runs is what was there when it began. It says too much rather than too
    little, for a word in a comment changes it: a fold in the background is cheap, a wrong table is not.
    """
    return code_hash(_FOLD)


def code_hash(modules: Iterable[str], home: Path = _HOME) -> str:
    texts = sources(modules, home)
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{len(texts[name])}\0".encode() + texts[name])
    return digest.hexdigest()


def sources(modules: Iterable[str], home: Path = _HOME) -> dict[str, bytes]:
    """The text of modules, and of what they import of ours, by name. They must name modules, not members
    of packages: `from a.b import c`, with `c` a module, would miss it (a test looks for that)."""
    found: dict[str, bytes] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _file(name, home).read_bytes()
            waiting.extend(_IMPORT.findall(found[name].decode()))
    return found


def _file(module: str, home: Path) -> Path:
    path = home.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
