"""What images are found by: words and tags, as they are and as they were."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Words(NamedTuple):
    """What is said about an image, as it is shown."""

    name: str
    description: str
    tags: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join((self.name, self.description, *self.tags))

    @property
    def folded_tags(self) -> dict[str, None]:
        """Letters are compared without case; in order, so that two folds write alike."""
        return dict.fromkeys(tag.casefold() for tag in self.tags)


class ImageIndex:
    """Tags and texts have lives of their own: what does not touch them leaves no former row of them."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, position: int, words: Words) -> None:
        self._tag(position, words.folded_tags, at=position)
        self._db.execute("INSERT INTO image_text (rowid, body) VALUES (?, ?)", (position, words.text))

    def change(self, position: int, before: Words, after: Words, *, since: int, at: int) -> bool:
        """`since`: from where on the text was as it is. Answers whether it has changed."""
        was, now = before.folded_tags, after.folded_tags
        self._untag(position, {tag: None for tag in was if tag not in now}, at=at)
        self._tag(position, {tag: None for tag in now if tag not in was}, at=at)
        if before.text == after.text:
            return False
        self._db.execute("INSERT INTO past_texts VALUES (?, ?, ?)", (since, at, position))
        self._db.execute("INSERT INTO past_image_text (rowid, body) VALUES (?, ?)", (since, before.text))
        self._db.execute("UPDATE image_text SET body = ? WHERE rowid = ?", (after.text, position))
        return True

    def forget(self, position: int, words: Words) -> None:
        """Take an image out, now and in the past."""
        tags = [(tag, position) for tag in words.folded_tags]
        self._db.executemany("DELETE FROM image_tags WHERE tag = ? AND image = ?", tags)
        self._db.execute("DELETE FROM image_text WHERE rowid = ?", (position,))
        past = "SELECT since FROM past_texts WHERE image = ?"
        self._db.execute(f"DELETE FROM past_image_text WHERE rowid IN ({past})", (position,))
        self._db.execute("DELETE FROM past_texts WHERE image = ?", (position,))
        self._db.execute("DELETE FROM past_image_tags WHERE image = ?", (position,))

    def _tag(self, position: int, tags: dict[str, None], *, at: int) -> None:
        rows = [(tag, position, at) for tag in tags]
        self._db.executemany("INSERT INTO image_tags VALUES (?, ?, ?)", rows)

    def _untag(self, position: int, tags: dict[str, None], *, at: int) -> None:
        keep = (
            "INSERT INTO past_image_tags SELECT tag, image, since, ? FROM image_tags "
            "WHERE tag = ? AND image = ?"
        )
        self._db.executemany(keep, [(at, tag, position) for tag in tags])
        gone = [(tag, position) for tag in tags]
        self._db.executemany("DELETE FROM image_tags WHERE tag = ? AND image = ?", gone)
