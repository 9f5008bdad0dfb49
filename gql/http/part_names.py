"""The names in the `Content-Disposition` of a form part, as browsers and other clients write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^;"\s]*))\s*(?=;|$)')
_EXTENDED: Final = re.compile(
    r"(utf-8|iso-8859-1)'[^']*'((?:[!#$&+.^_`|~0-9A-Z-]|%[0-9A-F]{2})*)", re.ASCII | re.IGNORECASE
)
_ESCAPES: Final = {"%22": '"', "%0D": "\r", "%0A": "\n", '\\"': '"'}
_ESCAPE: Final = re.compile(r'%22|%0D|%0A|\\"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PartNames:
    """What a client calls a part, and the file in it; None where it says nothing.

    A file name is text of any script and no path; nothing is cleaned here.
    """

    field: str | None
    file: str | None

    @classmethod
    def parse(cls, disposition: bytes) -> PartNames:
        """Bytes that are no UTF-8 become U+FFFD (RFC 7578 §5.1)."""
        parameters: dict[str, str] = {}
        for match in _PARAMETER.finditer(disposition.decode(errors="replace")):
            value = match[3] if match[2] is None else _unescaped(match[2])
            parameters.setdefault(match[1].lower(), value)
        return cls(parameters.get("name"), _file_name(parameters))


def _file_name(parameters: Mapping[str, str]) -> str | None:
    """`filename*` (RFC 8187) before `filename`, although RFC 7578 §4.2 has no use for it."""
    if (match := _EXTENDED.fullmatch(parameters.get("filename*", ""))) is not None:
        return unquote_to_bytes(match[2]).decode(match[1], errors="replace")
    return parameters.get("filename")


def _unescaped(text: str) -> str:
    r"""What browsers escape (HTML, "multipart/form-data encoding algorithm"), and `\"` of other clients.

    Nothing else: a backslash or a percent sign of the name itself is sent as it is.
    """
    return _ESCAPE.sub(lambda match: _ESCAPES[match[0].upper()], text)
