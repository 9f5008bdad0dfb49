"""Lists of images: one statement each, that reads as many rows as it shows, and some that it passes over.

A list of now walks down one index. A list of a moment cannot: what an image was then may stand elsewhere,
or in the past. So it walks down the entries of all images that there are, active or not, whose merged
indexes are in the wanted order; looks up for each what it was at the moment; and stops when the page is
full. What is sorted by never changes but for the name, which has entries in the past as well.
"""

from __future__ import annotations

from typing import Final

from domain.query import ImageFilter, ImageQuery, SortKey
from infrastructure.sqlite.image_filter import ImageConditions
from infrastructure.sqlite.image_rows import image_columns
from infrastructure.sqlite.moment import image_versions
from infrastructure.sqlite.statement import Values, with_checkpoint

_ALL: Final = "LIMIT -1"
"""Keeps SQLite from moving conditions into the entries: an index in which none of many rows meets them
would be read to its end before the first row is found."""


class ImageList:
    """A page of images."""

    def __init__(self, query: ImageQuery) -> None:
        self.values = Values()
        self._query = query
        self._images = image_versions(self.values, query.as_of)
        self._conditions = ImageConditions(self.values, self._images, query.filter)
        self._owner = self.values.mark(query.owner)
        self._down = query.order.descending != query.backward
        self._direction = "DESC" if self._down else "ASC"

    @property
    def statement(self) -> str:
        states = self._conditions.states()
        if self._images.at is None and len(states) == 1 and not self._conditions.are_looked_up:
            return self._walk()
        return self._merge(states)

    def _walk(self) -> str:
        key, conditions = self._query.order.key, self._conditions
        parts = [
            f"now.owner = {self._owner}",
            *conditions.of_state(),
            *conditions.lasting(),
            *conditions.looked_at(),
            *self._between(f"now.{key}", "now.position"),
        ]
        columns = image_columns(self._images)
        statement = with_checkpoint(columns, f"images now ON {' AND '.join(parts)}")
        order = f"now.{key} {self._direction}, now.position {self._direction}"
        return f"{statement} ORDER BY {order} LIMIT {self._limit()}"

    def _merge(self, states: list[int]) -> str:
        """SQLite hands on the rows of an ordered subquery in their order; to ask for it once more would
        make it sort them all."""
        entries = [self._candidates()] if self._conditions.are_looked_up else self._entries(states)
        if self._in_the_past:
            entries.append(self._past_entries())
        conditions = self._conditions
        parts = [*conditions.of_state(), *conditions.lasting(), *conditions.looked_at(), *self._of_entry()]
        page = (
            f"SELECT {image_columns(self._images)} FROM ({' UNION ALL '.join(entries)} "
            f"ORDER BY 1 {self._direction}, 2 {self._direction} {_ALL}) entry "
            f"CROSS JOIN {self._images.source} ON now.position = entry.position {self._images.join} "
            f"WHERE {' AND '.join(parts)} LIMIT {self._limit()}"
        )
        return with_checkpoint("page.*", f"({page}) page")

    def _entries(self, states: list[int]) -> list[str]:
        key = self._query.order.key
        parts = [
            self._images.there,
            *self._conditions.bounds(key),
            *self._between(f"now.{key}", "now.position"),
            *self._uploaded_by_then(),
        ]
        found = f"now.owner = {self._owner} AND {' AND '.join(parts)}"
        return [
            f"{self._columns()} FROM images now WHERE now.state = {state} AND {found}" for state in states
        ]

    def _candidates(self) -> str:
        key = self._query.order.key
        sets = [f"now.position IN ({found})" for found in self._conditions.looked_up()]
        parts = [
            f"now.owner = {self._owner}",
            self._images.there,
            *sets,
            *self._between(f"now.{key}", "now.position"),
        ]
        return f"{self._columns()} FROM images now WHERE {' AND '.join(parts)}"

    def _columns(self) -> str:
        key = self._query.order.key
        return f"SELECT now.{key} AS key, now.position AS position, NULL AS since, NULL AS until"

    @property
    def _in_the_past(self) -> bool:
        return self._images.at is not None and self._query.order.key is SortKey.NAME

    def _past_entries(self) -> str:
        sets = [f"old.image IN ({found})" for found in self._conditions.looked_up()]
        parts = [f"old.owner = {self._owner}", *sets, *self._between("old.name", "old.image")]
        return (
            f"SELECT old.name, old.image, old.changed_at, old.until FROM past_images old "
            f"WHERE {' AND '.join(parts)}"
        )

    def _of_entry(self) -> list[str]:
        """An entry counts where the image had this name at the moment."""
        if not self._in_the_past:
            return []
        at = self._images.at
        return [
            f"(entry.since IS NULL OR (entry.since <= {at} AND entry.until > {at}))",
            f"(entry.since IS NOT NULL OR now.changed_at <= {at})",
        ]

    def _uploaded_by_then(self) -> list[str]:
        """Spares looking at the images that came later, where no cursor does."""
        query, at = self._query, self._images.at
        bounded = query.after if query.order.descending else query.before
        if at is None or bounded is not None or query.order.key is not SortKey.UPLOADED_AT:
            return []
        last = f"SELECT uploaded_at FROM images WHERE position <= {at} ORDER BY position DESC LIMIT 1"
        return [f"now.uploaded_at <= ({last})"]

    def _between(self, key: str, position: str) -> list[str]:
        """Only what lies between the cursors."""
        query, parts = self._query, []
        beyond, short_of = ("<", ">") if query.order.descending else (">", "<")
        for keyset, comparison in ((query.after, beyond), (query.before, short_of)):
            if keyset is not None:
                value, place = self.values.mark(keyset.value), self.values.mark(keyset.position)
                parts.append(f"({key}, {position}) {comparison} ({value}, {place})")
        return parts

    def _limit(self) -> str:
        """One more than is shown, to see whether there are more."""
        return self.values.mark(self._query.limit + 1)


def image_count(owner: str, wanted: ImageFilter, as_of: int | None) -> tuple[str, Values]:
    values = Values()
    images = image_versions(values, as_of)
    conditions = ImageConditions(values, images, wanted)
    parts = [
        f"now.owner = {values.mark(owner)}",
        images.there,
        *conditions.of_state(),
        *conditions.lasting(),
        *(f"now.position IN ({found})" for found in conditions.looked_up()),
        *conditions.looked_at(),
    ]
    return f"SELECT count(*) FROM {images.source} {images.join} WHERE {' AND '.join(parts)}", values
