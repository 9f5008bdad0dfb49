"""The names under which files are saved, and the header that carries them."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from domain.header import EXTENSIONS, MediaType

STEM_BYTES: Final = 180
PRESET_BYTES: Final = 60
"""In UTF-8, so that a name with its preset and extension stays under the 255 of most file systems."""

UNNAMED: Final = "untitled"

_KNOWN_AS: Final[dict[str, MediaType]] = {
    **{extension: media_type for media_type, extension in EXTENSIONS.items()},
    "jpeg": MediaType.JPEG,
    "jpe": MediaType.JPEG,
    "jfif": MediaType.JPEG,
    "tiff": MediaType.TIFF,
    "apng": MediaType.PNG,
    "heif": MediaType.HEIC,
}

# Control characters, lone surrogates, line separators, and what makes text run backwards.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")
# What a quoted string cannot hold, what some clients decode, and what some file systems refuse.
_UNSAFE: Final = re.compile(r'[^ -~]|["%*/:<>?\\|]')
_ATTR_CHARS: Final = "!#$&+-.^_`|~"


class Disposition(StrEnum):
    INLINE = "inline"
    ATTACHMENT = "attachment"


def original_name(name: str, media_type: MediaType) -> str:
    """An image's own name, with an extension that tells the truth about the bytes."""
    plain = _plain(name)
    stem, extension = _split(plain)
    true_one = extension if _KNOWN_AS.get(extension.lower()) is media_type else EXTENSIONS[media_type]
    return f"{_shortened(stem, STEM_BYTES)}.{true_one}"


def rendition_name(name: str, preset: str, media_type: MediaType) -> str:
    """`holiday.jpg` by the preset `thumbnail` is `holiday-thumbnail.webp`, and without one `holiday.webp`."""
    stem, _ = _split(_plain(name))
    suffix = f"-{_shortened(_plain(preset), PRESET_BYTES)}" if preset else ""
    return f"{_shortened(stem, STEM_BYTES)}{suffix}.{EXTENSIONS[media_type]}"


def content_disposition(disposition: Disposition, name: str) -> str:
    """The header of RFC 6266: the name as UTF-8 (RFC 8187), and for old clients as near in ASCII as can be.

    The ASCII form has nothing to escape in it, as appendix D of RFC 6266 recommends.
    """
    plain = _plain(name)
    return f"{disposition}; filename=\"{_ascii(plain)}\"; filename*=UTF-8''{quote(plain, safe=_ATTR_CHARS)}"


@lru_cache(512)
def rendition_disposition(disposition: Disposition, name: str, preset: str, media_type: MediaType) -> str:
    """The header of a rendition."""
    return content_disposition(disposition, rendition_name(name, preset, media_type))


def _plain(name: str) -> str:
    """The last part of what may look like a path, without what cannot be seen; never empty or hidden."""
    last = re.split(r"[/\\]", _UNSEEN.sub("", name))[-1]
    return last.strip().lstrip(". ") or UNNAMED


def _split(name: str) -> tuple[str, str]:
    """Stem and extension, where it is one of an image; else all of it is stem."""
    stem, _, extension = name.rpartition(".")
    return (stem, extension) if stem and extension.lower() in _KNOWN_AS else (name, "")


def _shortened(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")


def _ascii(name: str) -> str:
    """Letters without their accents, and an underscore for what has no likeness."""
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return _UNSAFE.sub("_", "".join(letters))
