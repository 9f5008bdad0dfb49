"""The repository as a clone would have it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

ROOT: Final = Path(__file__).parents[2]


def committed(*folders: str) -> list[str]:
    """Every file that is there and not ignored, or those in some folders; Git itself is not asked,
    since it may not be there, or refuse a tree that belongs to somebody else."""
    ignored = GitIgnoreSpec.from_lines([*(ROOT / ".gitignore").read_text().splitlines(), "/.git"])
    return sorted(
        name for name in _files(ignored) if not folders or name.startswith(tuple(f"{f}/" for f in folders))
    )


def _files(ignored: GitIgnoreSpec) -> Iterator[str]:
    for folder, subfolders, files in os.walk(ROOT):
        inside = Path(folder).relative_to(ROOT)
        paths = {name: (inside / name).as_posix() for name in [*subfolders, *files]}
        subfolders[:] = [name for name in subfolders if not ignored.match_file(f"{paths[name]}/")]
        yield from (paths[name] for name in files if not ignored.match_file(paths[name]))
