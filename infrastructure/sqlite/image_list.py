"""Lists of images: one statement each, that reads as many rows as it shows, and some that it passes over.

A list walks down the entries of images in the wanted order, which are merged from one index for each
state; looks up for each what the image is, or was at the moment; and stops when the page is full. As of a
moment an entry may be in any state, for it stands where the image is now. What lists are sorted by never
changes but for the name, which has entries in the past as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.paging import unknown_taken_at
from domain.query import ImageFilter, ImageQuery, Keyset, SortKey
from infrastructure.sqlite.image_filter import ImageConditions
from infrastructure.sqlite.image_rows import image_columns
from infrastructure.sqlite.moment import image_versions
from infrastructure.sqlite.statement import Values, with_checkpoint
from infrastructure.sqlite.tables import ACTIVE, DELETED, ERASED, RESTORED

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
        self._direction = "DESC" if query.order.descending != query.backward else "ASC"

    @property
    def statement(self) -> str:
        """SQLite hands on the rows of an ordered subquery in their order; to ask for it once more would
        make it sort them all."""
        entries = [entries for state in self._states() for entries in self._entries(state)]
        if self._names_change:
            entries += [self._past_names(state) for state in self._conditions.states]
        parts = [
            self._conditions.of_state(),
            *self._conditions.lasting(),
            *self._conditions.said("entry.position"),
            *self._of_entry(),
        ]
        page = (
            f"SELECT {image_columns(self._images)} FROM ({' UNION ALL '.join(entries)} "
            f"ORDER BY 1 {self._direction}{self._nulls}, 2 {self._direction} {_ALL}) entry "
            f"CROSS JOIN {self._images.source} ON now.position = entry.position {self._images.join} "
            f"WHERE {' AND '.join(parts)} LIMIT {self.values.mark(self._query.limit + 1)}"
        )
        return with_checkpoint("page.*", f"({page}) page")

    def _states(self) -> tuple[int, ...]:
        """What images may be now that were as wanted at the moment."""
        if self._images.at is None:
            return self._conditions.states
        once_deleted = (DELETED, ERASED, RESTORED)
        return (ACTIVE, *once_deleted) if ACTIVE in self._conditions.states else once_deleted

    def _entries(self, state: int) -> Iterator[str]:
        for key, conditions in self._keys():
            parts = [
                f"now.owner = {self._owner}",
                f"now.state = {state}",
                self._images.there,
                *self._conditions.bounds(self._query.order.key),
                *conditions,
                *self._uploaded_by_then(),
                *self._gone_since(state),
            ]
            columns = f"{key} AS key, now.position AS position, NULL AS since, NULL AS until"
            yield f"SELECT {columns} FROM images now WHERE {' AND '.join(parts)}"

    def _keys(self) -> list[tuple[str, list[str]]]:
        """What entries are ordered by, and which of them have it.

        Of some images it is not known when they were taken: they are entries of their own, without a key.
        As of a moment so are those of which it became known later; they are few, for it takes seconds.
        """
        key, at = self._query.order.key, self._images.at
        between = self._between(f"now.{key}", "now.position")
        if key is not SortKey.TAKEN_AT:
            return [(f"now.{key}", between)]
        known, unknown = "now.taken_at IS NOT NULL", self._unknown_between()
        if at is None:
            return [("now.taken_at", [known, *between]), ("now.taken_at", ["now.taken_at IS NULL", *unknown])]
        return [
            ("now.taken_at", [known, f"now.examined_at <= {at}", *between]),
            ("now.taken_at", ["now.taken_at IS NULL", *unknown]),
            ("NULL", [known, f"now.examined_at > {at}", *unknown]),
        ]

    @property
    def _nulls(self) -> str:
        """Entries without a key come last."""
        if self._query.order.key is not SortKey.TAKEN_AT:
            return ""
        return " NULLS FIRST" if self._query.backward else " NULLS LAST"

    def _gone_since(self, state: int) -> list[str]:
        """Whether any image in a state that is not wanted came into it after the moment."""
        if state in self._conditions.states or state not in {DELETED, ERASED}:
            return []
        last = (
            f"SELECT max(changed_at) FROM images WHERE owner = {self._owner} AND state = {state} "
            f"AND state IN ({DELETED}, {ERASED})"
        )
        return [f"({last}) > {self._images.at}"]

    @property
    def _names_change(self) -> bool:
        return self._images.at is not None and self._query.order.key is SortKey.NAME

    def _past_names(self, state: int) -> str:
        parts = [
            f"old.owner = {self._owner}",
            f"old.state = {state}",
            f"old.image <= {self._images.at}",
            *self._between("old.name", "old.image"),
        ]
        columns = "old.name, old.image, old.changed_at, old.until"
        return f"SELECT {columns} FROM past_images old WHERE {' AND '.join(parts)}"

    def _of_entry(self) -> list[str]:
        """An entry counts where the image had this name at the moment."""
        if not self._names_change:
            return []
        at = self._images.at
        return [
            f"(entry.since IS NULL OR (entry.since <= {at} AND entry.until > {at}))",
            f"(entry.since IS NOT NULL OR now.changed_at <= {at})",
        ]

    def _uploaded_by_then(self) -> list[str]:
        """Spares passing over the images that came later, where no cursor does."""
        query, at = self._query, self._images.at
        latest = query.after if query.order.descending else query.before
        if at is None or latest is not None or query.order.key is not SortKey.UPLOADED_AT:
            return []
        last = f"SELECT uploaded_at FROM images WHERE position <= {at} ORDER BY position DESC LIMIT 1"
        return [f"now.uploaded_at <= ({last})"]

    def _between(self, key: str, position: str) -> list[str]:
        """Only what lies between the cursors."""
        return [
            f"({key}, {position}) {comparison} "
            f"({self.values.mark(keyset.value)}, {self.values.mark(keyset.position)})"
            for keyset, comparison in self._cursors()
        ]

    def _unknown_between(self) -> list[str]:
        """The same of entries that come last, since it is not known when they were taken."""
        last = unknown_taken_at(self._query.order)
        return [
            f"now.position {comparison} {self.values.mark(keyset.position)}" if keyset.value == last else "0"
            for keyset, comparison in self._cursors()
            if keyset.value == last or keyset is self._query.before
        ]

    def _cursors(self) -> Iterator[tuple[Keyset, str]]:
        """Each, and how what lies between them compares with it."""
        query = self._query
        beyond, short_of = ("<", ">") if query.order.descending else (">", "<")
        if query.after is not None:
            yield query.after, beyond
        if query.before is not None:
            yield query.before, short_of


def image_count(owner: str, wanted: ImageFilter, as_of: int | None) -> tuple[str, Values]:
    """As of a moment: the current rows that are of it, read in the order in which they lie, and past rows."""
    values = Values()
    images = image_versions(values, as_of)
    conditions = ImageConditions(values, images, wanted)
    mine, states = values.mark(owner), f"({', '.join(map(str, conditions.states))})"
    lasting = conditions.lasting()
    rest = "".join(f" AND {part}" for part in (*lasting, *conditions.said("now.position")))
    now = f"WHERE now.owner = {mine} AND now.state IN {states}{rest}"
    if images.at is None:
        return f"SELECT count(*) FROM images now {now}", values
    join = "CROSS JOIN images now ON now.position = past.image" if lasting else ""
    then = "".join(f" AND {part}" for part in (*lasting, *conditions.said("past.image")))
    past = (
        f"SELECT count(*) FROM past_images past {join} WHERE past.owner = {mine} AND past.state IN {states} "
        f"AND past.changed_at <= {images.at} AND past.until > {images.at}{then}"
    )
    current = f"images now INDEXED BY images_by_uploaded_at {now} AND now.changed_at <= {images.at}"
    return f"SELECT (SELECT count(*) FROM {current}) + ({past})", values
