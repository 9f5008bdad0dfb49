"""What people write about their pictures, made clean before it is recorded."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from domain.errors import InvalidInput

NAME_LENGTH: Final = 255
DESCRIPTION_LENGTH: Final = 10_000
TAG_LENGTH: Final = 100
TAG_COUNT: Final = 100
LONGEST: Final = 20_000
"""Of any text as it is given: twice what a description may have, because some of it may not count."""


def clean_name(name: str, *, field: str = "name") -> str:
    """The last part of a path-like name, without control characters; never empty.

    A file name is only ever shown. It is never a path, so nothing else in it needs to be feared.
    """
    last = printable(bounded(name, field)).replace("\\", "/").rstrip("/ ").rpartition("/")[2].strip()
    if last in {"", ".", ".."}:
        return "untitled"
    if len(last) > NAME_LENGTH:
        raise InvalidInput(f"A name has at most {NAME_LENGTH} characters; this has {len(last)}.", field=field)
    return last


def clean_description(text: str, *, field: str = "description") -> str:
    clean = printable(bounded(text, field), keep="\n\t").strip()
    if len(clean) > DESCRIPTION_LENGTH:
        raise InvalidInput(
            f"A description has at most {DESCRIPTION_LENGTH} characters; this has {len(clean)}.", field=field
        )
    return clean


def clean_tags(tags: Iterable[str], *, field: str = "tags") -> tuple[str, ...]:
    """Tags without repetition, in their order; letters are compared without case."""
    clean: dict[str, str] = {}
    for tag in tags:
        text = " ".join(printable(bounded(tag, field)).split())
        if not text or len(text) > TAG_LENGTH:
            raise InvalidInput(f"A tag has 1 to {TAG_LENGTH} characters; this has {len(text)}.", field=field)
        clean.setdefault(text.casefold(), text)
    if len(clean) > TAG_COUNT:
        raise InvalidInput(f"An image has at most {TAG_COUNT} tags; these are {len(clean)}.", field=field)
    return tuple(clean.values())


def bounded(text: str, field: str) -> str:
    """The text, unless it is too long to be looked at. Raises InvalidInput."""
    if len(text) > LONGEST:
        raise InvalidInput(f"A text has at most {LONGEST:,} characters; this has {len(text):,}.", field=field)
    return text


def printable(text: str, keep: str = "") -> str:
    """Normal form C, without control characters, lone surrogates and characters that reorder text."""
    kept = "".join(
        c for c in text if c in keep or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in _BIDI)
    )
    return unicodedata.normalize("NFC", kept)


_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
