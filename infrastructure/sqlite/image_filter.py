"""Which images are meant, as conditions on the rows `now` and their `past`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.paging import micros
from domain.query import ImageFilter, Range, SortKey
from infrastructure.sqlite.moment import Versions
from infrastructure.sqlite.statement import Value, Values
from infrastructure.sqlite.tables import ACTIVE, DELETED, RESTORED

_COMPARISONS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "eq": "="}
_RANGES: Final = (SortKey.WIDTH, SortKey.HEIGHT, SortKey.BYTE_SIZE, SortKey.UPLOADED_AT)
_STATES: Final[Mapping[bool | None, tuple[int, ...]]] = {
    False: (ACTIVE, RESTORED),
    True: (DELETED,),
    None: (ACTIVE, DELETED, RESTORED),
}


class ImageConditions:
    """Conditions by what it takes to see whether they hold."""

    def __init__(self, values: Values, images: Versions, wanted: ImageFilter) -> None:
        self._values = values
        self._images = images
        self._wanted = wanted
        self.states = _STATES[wanted.deleted]

    def of_state(self) -> str:
        """The state that an image was in, be it erased since."""
        return f"{self._images.column('state')} IN ({', '.join(map(str, self.states))})"

    def lasting(self) -> list[str]:
        """What never changes."""
        parts = [part for key in _RANGES for part in self.bounds(key)]
        if self._wanted.media_types is not None:
            marks = ", ".join(map(self._values.mark, self._wanted.media_types))
            parts.append(f"now.media_type IN ({marks})")
        return parts + self._examined()

    def _examined(self) -> list[str]:
        """What was found in the original, by the moment."""
        parts = self.bounds(SortKey.TAKEN_AT)
        for word in (self._wanted.camera or "").casefold().split():
            camera = "SELECT camera FROM examinations WHERE image = now.position"
            parts.append(f"instr(({camera}), {self._values.mark(word)}) > 0")
        if parts and self._images.at is not None:
            parts.append(f"now.examined_at <= {self._images.at}")
        return parts

    def bounds(self, key: SortKey) -> list[str]:
        wanted: Range[int] | Range[datetime] | None = getattr(self._wanted, key, None)
        if wanted is None:
            return []
        bounds = ((comparison, getattr(wanted, name)) for name, comparison in _COMPARISONS.items())
        return [
            f"now.{key} {comparison} {self._values.mark(_value(bound))}"
            for comparison, bound in bounds
            if bound is not None
        ]

    def said(self, position: str) -> list[str]:
        """Tags and words, that an image at this position has or had.

        Words of three letters and more are found through the trigram index, shorter ones by looking.
        """
        tags = map(self._tagged, self._wanted.tags)
        words = (self._wanted.text or "").split()
        long = (self._worded(word) for word in words if len(word) >= 3)
        short = (self._containing(word.lower(), position) for word in words if len(word) < 3)
        return [*(f"{position} IN ({found})" for found in (*tags, *long)), *short]

    def _tagged(self, tag: str) -> str:
        mark, at = self._values.mark(tag.casefold()), self._images.at
        if at is None:
            return f"SELECT image FROM image_tags WHERE tag = {mark}"
        return (
            f"SELECT image FROM image_tags WHERE tag = {mark} AND since <= {at} UNION ALL "
            f"SELECT image FROM past_image_tags WHERE tag = {mark} AND since <= {at} AND until > {at}"
        )

    def _worded(self, word: str) -> str:
        phrase = '"' + word.replace('"', '""') + '"'
        mark, at = self._values.mark(phrase), self._images.at
        if at is None:
            return f"SELECT rowid FROM image_text WHERE body MATCH {mark}"
        return (
            "SELECT t.position FROM image_text f JOIN images t ON t.position = f.rowid "
            f"WHERE f.body MATCH {mark} AND t.text_since <= {at} UNION ALL "
            "SELECT t.image FROM past_image_text f JOIN past_texts t ON t.since = f.rowid "
            f"WHERE f.body MATCH {mark} AND t.since <= {at} AND t.until > {at}"
        )

    def _containing(self, word: str, position: str) -> str:
        body, at = f"(SELECT body FROM image_text WHERE rowid = {position})", self._images.at
        if at is not None:
            then = (
                f"SELECT since FROM past_texts WHERE image = {position} AND until > {at} "
                "ORDER BY until LIMIT 1"
            )
            body = f"coalesce((SELECT body FROM past_image_text WHERE rowid = ({then})), {body})"
        return f"instr(lower({body}), {self._values.mark(word)}) > 0"


def _value(bound: int | datetime) -> Value:
    return micros(bound) if isinstance(bound, datetime) else bound
