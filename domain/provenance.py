"""Who says what about an image: people outrank files, files outrank machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Source(StrEnum):
    """Where a statement comes from."""

    PERSON = "person"
    SIDECAR = "sidecar"
    EXIF = "exif"
    MACHINE = "machine"

    def yields_to(self, other: Source) -> bool:
        """Whether what this source says counts for less than what the other one says."""
        return _RANK[self] < _RANK[other]


_RANK: Final[Mapping[Source, int]] = {
    Source.MACHINE: 0,
    Source.EXIF: 1,
    Source.SIDECAR: 2,
    Source.PERSON: 3,
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and who gave it, or took it away: what a person removed, no machine brings back."""

    text: str
    source: Source = Source.PERSON
    present: bool = True


Descriptions = Mapping[Source, str]
"""What each source says; the highest one is shown."""


def shown_source(descriptions: Descriptions) -> Source | None:
    """Whose description is shown."""
    return max(descriptions, key=_RANK.__getitem__, default=None)


def shown_description(descriptions: Descriptions) -> str:
    source = shown_source(descriptions)
    return "" if source is None else descriptions[source]


def shown_tags(tags: Iterable[Tag]) -> tuple[str, ...]:
    return tuple(tag.text for tag in tags if tag.present)


def tagged(tags: tuple[Tag, ...], added: Iterable[str], source: Source) -> tuple[Tag, ...]:
    """New ones come last; one that is there only changes its source."""
    for text in added:
        mark, known = Tag(text, source), _find(tags, text)
        if known is not None and known.present:
            tags = tuple(mark if tag is known else tag for tag in tags)
        else:
            tags = (*(tag for tag in tags if tag is not known), mark)
    return tags


def untagged(tags: tuple[Tag, ...], removed: Iterable[str], source: Source) -> tuple[Tag, ...]:
    for text in removed:
        mark, known = Tag(text, source, present=False), _find(tags, text)
        tags = tuple(mark if tag is known else tag for tag in tags)
    return tags


def worth_adding(tags: tuple[Tag, ...], wanted: Iterable[str], source: Source) -> tuple[str, ...]:
    """Those that are not there yet and that nobody of higher rank took away."""

    def changes(text: str) -> bool:
        known = _find(tags, text)
        if known is None:
            return True
        if known.present:
            return known.source.yields_to(source)
        return not source.yields_to(known.source)

    return tuple(text for text in wanted if changes(text))


def worth_removing(tags: tuple[Tag, ...], unwanted: Iterable[str], source: Source) -> tuple[str, ...]:
    """Those that are there and were not given by somebody of higher rank."""
    there = {tag.text: tag.source for tag in tags if tag.present}
    return tuple(text for text in unwanted if text in there and not source.yields_to(there[text]))


def _find(tags: Iterable[Tag], text: str) -> Tag | None:
    return next((tag for tag in tags if tag.text == text), None)
