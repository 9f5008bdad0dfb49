"""Which images are meant, as conditions on the rows `now` and their `past`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.paging import micros
from domain.query import ImageFilter, Range, SortKey
from infrastructure.sqlite.moment import Versions
from infrastructure.sqlite.statement import Value, Values
from infrastructure.sqlite.tables import ACTIVE, DELETED, ERASED

_COMPARISONS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "eq": "="}
_RANGES: Final = (SortKey.WIDTH, SortKey.HEIGHT, SortKey.BYTE_SIZE, SortKey.UPLOADED_AT)


class ImageConditions:
    """Conditions of three kinds, by what it takes to see whether they hold."""

    def __init__(self, values: Values, images: Versions, wanted: ImageFilter) -> None:
        self._values = values
        self._images = images
        self._wanted = wanted

    def states(self) -> list[int]:
        """What images may be now that were as wanted at the moment."""
        if self._images.at is not None:
            return [ACTIVE, DELETED, ERASED]
        return [ACTIVE, DELETED] if self._wanted.deleted is None else [int(self._wanted.deleted)]

    def of_state(self) -> list[str]:
        """Of the state that an image was in, be it erased since."""
        state = self._images.column("state")
        if self._wanted.deleted is None:
            return [f"{state} IN ({ACTIVE}, {DELETED})"]
        return [f"{state} = {int(self._wanted.deleted)}"]

    def lasting(self) -> list[str]:
        """Of what never changes."""
        parts = [part for key in _RANGES for part in self.bounds(key)]
        if self._wanted.media_types is not None:
            marks = ", ".join(map(self._values.mark, self._wanted.media_types))
            parts.append(f"now.media_type IN ({marks})")
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

    @property
    def are_looked_up(self) -> bool:
        """Whether some are found through an index of their own."""
        return bool(self._wanted.tags) or any(len(word) >= 3 for word in self._words())

    def looked_up(self) -> list[str]:
        """Sets of positions: of images that at the moment had a tag or a word."""
        long = (word for word in self._words() if len(word) >= 3)
        return [*map(self._tagged, self._wanted.tags), *map(self._worded, long)]

    def looked_at(self) -> list[str]:
        """Words of one or two letters, which the trigram index does not know."""
        return [
            f"instr(lower({self._body()}), {self._values.mark(word.lower())}) > 0"
            for word in self._words()
            if len(word) < 3
        ]

    def _words(self) -> list[str]:
        return (self._wanted.text or "").split()

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

    def _body(self) -> str:
        body, at = "(SELECT body FROM image_text WHERE rowid = now.position)", self._images.at
        if at is None:
            return body
        then = (
            f"SELECT since FROM past_texts WHERE image = now.position AND until > {at} ORDER BY until LIMIT 1"
        )
        return f"coalesce((SELECT body FROM past_image_text WHERE rowid = ({then})), {body})"


def _value(bound: int | datetime) -> Value:
    return micros(bound) if isinstance(bound, datetime) else bound
