"""Looking for what should be gone, in every file of a data folder."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path


def found(folder: Path, *needles: str | bytes) -> list[tuple[str, bytes]]:
    """Files that hold one of these, plain or in a form in which it may have been written, with the form."""
    forms = {form for needle in needles for form in _forms(needle)}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    contents = ((str(path.relative_to(folder)), path.read_bytes()) for path in files)
    return [(name, form) for name, content in contents for form in forms if form in content]


def secrets(folder: Path, streams: Iterable[str]) -> list[bytes]:
    """The keys that streams are sealed with."""
    query = (
        "SELECT k.secret FROM sealed_streams s JOIN keys.keys k ON k.number = s.key "
        "WHERE s.stream IN (SELECT value FROM json_each(?))"
    )
    with closing(sqlite3.connect(folder / "log.db")) as db:
        db.execute("ATTACH DATABASE ? AS keys", (str(folder / "keys.db"),))
        return [bytes(secret) for (secret,) in db.execute(query, (json.dumps(list(streams)),))]


def _forms(needle: str | bytes) -> set[bytes]:
    if isinstance(needle, bytes):
        return {needle, *_in_base64(needle)}
    escaped = json.dumps(needle)[1:-1].encode()
    plain, folded = needle.encode(), needle.casefold().encode()
    return {plain, folded, escaped, *_in_base64(plain), *_in_base64(escaped), needle.encode("utf-16-le")}


def _in_base64(content: bytes) -> set[bytes]:
    """As it looks in the midst of other bytes, by its place among them."""
    return {base64.b64encode(b"\0" * ahead + content)[4:-4] for ahead in range(3)}
