"""Signed texts in URLs: what they ask for was allowed by this server, for this image and for nothing else."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from typing import Final

from domain.errors import InvalidInput
from domain.recipe import canonical_json

LONGEST: Final = 8192
"""Characters of a payload. Servers and proxies take URLs of about so many."""

_TEXT: Final = re.compile(r"([A-Za-z0-9_-]{1,8192})\.([A-Za-z0-9_-]{43})")


class Signer:
    """`<payload>.<signature>`: canonical JSON, and HMAC-SHA-256 over purpose, image and payload; base64url.

    The first key signs, all verify: a new one is put in front, and the old one is taken out when nobody uses
    its URLs any more.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def signed(self, purpose: str, image_id: str, data: object) -> str:
        """Raises InvalidInput where it is too long for a URL."""
        payload = _text(canonical_json(data).encode())
        if len(payload) > LONGEST:
            raise InvalidInput(
                f"These steps take {len(payload):,} characters of a URL, which has room for {LONGEST:,}. "
                "Make them steps of the image's own recipe."
            )
        return f"{payload}.{_signature(self._keys[0], purpose, image_id, payload)}"

    def opened(self, purpose: str, image_id: str, text: str) -> bytes | None:
        """The JSON that was signed; None for what was not signed here for this purpose and image."""
        match = _TEXT.fullmatch(text)
        if match is None:
            return None
        payload, given = match.groups()
        expected = (_signature(key, purpose, image_id, payload) for key in self._keys)
        if not any(hmac.compare_digest(each, given) for each in expected):
            return None
        try:
            return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        except ValueError:  # signed by somebody else who has the key, and is no base64
            return None

    def mark(self, purpose: str, image_id: str, text: str) -> str:
        """16 hex digits for a URL that has no room for a payload; the server finds the text by itself."""
        return _mark(self._keys[0], purpose, image_id, text)

    def is_mark(self, given: str, purpose: str, image_id: str, text: str) -> bool:
        """Whether it was made here for this purpose, image and text."""
        expected = (_mark(key, purpose, image_id, text) for key in self._keys)
        return any(hmac.compare_digest(each, given) for each in expected)


def _signature(key: bytes, purpose: str, image_id: str, payload: str) -> str:
    return _text(_digest(key, purpose, image_id, payload))


def _mark(key: bytes, purpose: str, image_id: str, text: str) -> str:
    return _digest(key, purpose, image_id, text).hex()[:16]


def _digest(key: bytes, purpose: str, image_id: str, payload: str) -> bytes:
    signed = canonical_json({"purpose": purpose, "image": image_id, "payload": payload})
    return hmac.digest(key, signed.encode(), "sha256")


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
