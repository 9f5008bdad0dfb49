"""Rows as they are, or as they were when the log had a position."""

from __future__ import annotations

from typing import Final

from infrastructure.sqlite.statement import Values
from infrastructure.sqlite.tables import ERASED, PRESENT

_RENDITION: Final = (
    "image_id",
    "rendition_id",
    "preset",
    "state",
    "attempts",
    "sha256",
    "byte_size",
    "media_type",
    "width",
    "height",
    "failure_code",
    "failure_message",
    "preset_version",
)
_OF_RESULT: Final = frozenset({"sha256", "byte_size", "width", "height", "failure_code", "failure_message"})


class Versions:
    """The rows `now` of a table at a moment, joined with those of its past as `past`.

    `at` stands for the position in the statement; None: as they are.
    """

    def __init__(self, table: str, link: str, at: str | None) -> None:
        self.at = at
        self.source = f"{table} now"
        self.join = ""
        if at is not None:
            version = (
                f"SELECT changed_at FROM past_{table} WHERE {link} = now.position AND until > {at} "
                "ORDER BY until LIMIT 1"
            )
            self.join = (
                f" LEFT JOIN past_{table} past "
                f"ON past.changed_at = CASE WHEN now.changed_at > {at} THEN ({version}) END"
            )

    def column(self, name: str) -> str:
        """A value that changes with time."""
        return f"now.{name}" if self.at is None else f"coalesce(past.{name}, now.{name})"

    @property
    def shown_state(self) -> str:
        """What is erased is so at every moment."""
        if self.at is None:
            return "now.state"
        return f"CASE now.state WHEN {ERASED} THEN {ERASED} ELSE {self.column('state')} END"

    @property
    def there(self) -> str:
        """Whether it had come to be."""
        return "TRUE" if self.at is None else f"now.position <= {self.at}"


def image_versions(values: Values, as_of: int | None) -> Versions:
    return Versions("images", "image", _at(values, as_of))


def album_versions(values: Values, as_of: int | None) -> Versions:
    return Versions("albums", "album", _at(values, as_of))


def _at(values: Values, as_of: int | None) -> str | None:
    return None if as_of is None else values.mark(as_of)


def quarantine_column(image_id: str, at: str | None) -> str:
    """Code and message as an array of JSON, or NULL."""
    since = "" if at is None else f" AND q.since <= {at}"
    return f"(SELECT json_array(q.code, q.message) FROM quarantines q WHERE q.image_id = {image_id}{since})"


def rendition_columns(image: str, at: str | None) -> str:
    """Of a rendition `r` of an image, in the order of its view; attempts are counted up to now."""
    return ", ".join((*(_rendition_column(name, at) for name in _RENDITION), _shown_as(image, at)))


def _shown_as(image: str, at: str | None) -> str:
    """Names of presets with spaces between, in any order, or NULL."""
    which = f"s.owner = {image}.owner AND s.media_type = {image}.media_type AND s.manner = r.manner"
    return (
        f"(SELECT group_concat(s.preset, ' ') FROM shown_presets s WHERE {which} AND {span_there('s', at)})"
    )


def span_there(row: str, at: str | None) -> str:
    """Whether a row from `since` to `until` held."""
    if at is None:
        return f"{row}.until = {PRESENT}"
    return f"{row}.since <= {at} AND {row}.until > {at}"


def _rendition_column(name: str, at: str | None) -> str:
    if at is None:
        return f"r.{name}"
    if name in _OF_RESULT:
        return f"iif(r.settled <= {at}, r.{name}, NULL)"
    if name == "state":
        return f"iif(r.settled <= {at}, r.state, iif(r.started <= {at}, 'RENDERING', 'PENDING'))"
    if name == "attempts":
        return f"iif(r.started <= {at}, r.attempts, 0)"
    return f"r.{name}"


def rendition_there(at: str | None) -> str:
    """Whether it was requested, and not yet again."""
    return f"r.until = {PRESENT}" if at is None else f"r.requested <= {at} AND r.until > {at}"
