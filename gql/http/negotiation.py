"""Which media type a client wants, and which one it sent (RFC 9110 §8.3, §12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_ELEMENT: Final = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*")+')
_PARAMETER: Final = re.compile(r';\s*([^\s=;]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;]*))')
_QUALITY: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?")
_UTF_8: Final = frozenset({"utf-8", "utf8"})


class AnswerType(StrEnum):
    """What an answer may be; the first is preferred where a client names both alike."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


@dataclass(frozen=True, slots=True)
class MediaRange:
    """A media type as a client writes it, `*` included; all names in lower case."""

    name: str
    parameters: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> MediaRange:
        name = text.partition(";")[0].strip().lower()
        found = _PARAMETER.finditer(text, len(text.partition(";")[0]))
        parameters = {
            match[1].lower(): match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
            for match in found
        }
        return cls(name, parameters)

    @property
    def quality(self) -> float:
        """0 to 1; what cannot be read counts as 0."""
        text = self.parameters.get("q", "1")
        return float(text) if _QUALITY.fullmatch(text) else 0.0

    @property
    def is_utf_8(self) -> bool:
        """UTF-8 is what no charset means (GraphQL over HTTP §4.1)."""
        return self.parameters.get("charset", "utf-8").lower() in _UTF_8

    def precision(self, answer: AnswerType) -> int:
        """How closely an answer is meant: 3 by name, 2 by `application/*`, 1 by `*/*`, 0 not at all."""
        if not self.is_utf_8:
            return 0
        return {answer.value: 3, "application/*": 2, "*/*": 1}.get(self.name, 0)


def negotiate(accept: str) -> AnswerType | None:
    """The answer wanted most by an `Accept` header, or None where none is wanted.

    An empty header accepts everything, and everything means `application/json`, which every client
    reads.
    """
    ranges = list(_ranges(accept)) or [MediaRange("*/*", {})]
    wanted = [(preference, answer) for answer in AnswerType if (preference := _preference(ranges, answer))[0]]
    return max(wanted, key=lambda each: each[0])[1] if wanted else None


def accepts_events(accept: str) -> bool:
    """Whether an `Accept` header names the media type of server-sent events; `*/*` does not."""
    return any(each.name == "text/event-stream" and each.quality > 0 for each in _ranges(accept))


def accepts(accept: str, media_type: str, *, by_name: bool = False) -> bool:
    """Whether an `Accept` header takes a media type; `by_name`: whether it names it, as browsers do with
    those that not all of them read. An empty header takes everything."""
    names = [media_type] if by_name else [media_type, f"{media_type.partition('/')[0]}/*", "*/*"]
    ranges = list(_ranges(accept)) or [MediaRange("*/*", {})]
    for name in names:
        found = [each.quality for each in ranges if each.name == name]
        if found:
            return max(found) > 0
    return False


def _ranges(accept: str) -> Iterator[MediaRange]:
    for match in _ELEMENT.finditer(accept):
        if match[0].strip():
            yield MediaRange.parse(match[0])


def _preference(ranges: list[MediaRange], answer: AnswerType) -> tuple[float, bool, bool]:
    """Quality by the range that means this answer most closely, then whether that names it."""
    precision, quality = max((each.precision(answer), each.quality) for each in ranges)
    named = precision == 3
    return (quality if precision else 0.0), named, named == (answer is AnswerType.GRAPHQL)
