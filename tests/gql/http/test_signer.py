"""What was not signed here, for this purpose and this image, is not opened."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from gql.http.signer import LONGEST, Signer

KEY = b"k" * 32
SIGNER = Signer([KEY])
DATA = {"width": 300, "steps": ["é"]}


def test_what_was_signed_is_opened() -> None:
    """As canonical JSON."""
    text = SIGNER.signed("preview", "image-1", DATA)
    assert SIGNER.opened("preview", "image-1", text) == '{"steps":["é"],"width":300}'.encode()


def test_anybody_with_the_key_can_sign() -> None:
    """The structure is documented: canonical JSON of image, payload and purpose."""
    payload = base64.urlsafe_b64encode(b'{"width":300}').decode().rstrip("=")
    message = f'{{"image":"image-1","payload":"{payload}","purpose":"preview"}}'.encode()
    signature = hmac.new(KEY, message, hashlib.sha256).digest()
    expected = f"{payload}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    assert SIGNER.signed("preview", "image-1", {"width": 300}) == expected


@pytest.mark.parametrize(
    ("purpose", "image_id", "keys"),
    [("transform", "image-1", [KEY]), ("preview", "image-2", [KEY]), ("preview", "image-1", [b"o" * 32])],
)
def test_it_is_good_for_nothing_else(purpose: str, image_id: str, keys: list[bytes]) -> None:
    """Neither for another purpose, nor another image, nor where another key is known."""
    assert Signer(keys).opened(purpose, image_id, SIGNER.signed("preview", "image-1", DATA)) is None


@given(place=st.integers(0, 200), character=st.sampled_from("AZaz09-_.=+/ é"))
def test_not_a_character_can_be_changed(place: int, character: str) -> None:
    """Nor left out or put in, unless the last one of base64, whose low bits mean nothing, says the same."""
    text = SIGNER.signed("preview", "image-1", DATA)
    place %= len(text)
    for forged in (
        text[:place] + character + text[place + 1 :],
        text[:place] + text[place + 1 :],
        text[:place] + character + text[place:],
    ):
        assert forged == text or SIGNER.opened("preview", "image-1", forged) is None


def test_keys_can_be_changed_one_after_the_other() -> None:
    """The first signs; what the others have signed is known as long as they are there."""
    old, new = b"o" * 32, b"n" * 32
    text = Signer([old]).signed("preview", "image-1", DATA)
    both = Signer([new, old])
    assert both.opened("preview", "image-1", text) is not None
    assert Signer([new]).opened("preview", "image-1", both.signed("preview", "image-1", DATA)) is not None
    assert Signer([new]).opened("preview", "image-1", text) is None


def test_what_is_too_long_for_a_url_is_refused() -> None:
    """Before anybody tries it."""
    most = LONGEST * 3 // 4 - len(json.dumps([""]))
    text = SIGNER.signed("preview", "image-1", ["x" * most])
    assert SIGNER.opened("preview", "image-1", text) is not None
    with pytest.raises(InvalidInput, match=r"8,19[3-9]"):
        SIGNER.signed("preview", "image-1", ["x" * (most + 1)])


def test_what_is_signed_and_no_base64_is_not_opened() -> None:
    """Whoever has the key may sign, also by mistake."""
    message = b'{"image":"image-1","payload":"AAAAA","purpose":"preview"}'
    signature = base64.urlsafe_b64encode(hmac.new(KEY, message, hashlib.sha256).digest()).decode().rstrip("=")
    assert SIGNER.opened("preview", "image-1", f"AAAAA.{signature}") is None


def test_a_mark_is_good_for_what_it_was_made_for() -> None:
    """One purpose, image and text; with any key that is known."""
    mark = SIGNER.mark("iiif", "image-1", "text")
    assert re.fullmatch("[0-9a-f]{16}", mark)
    assert Signer([b"n" * 32, KEY]).is_mark(mark, "iiif", "image-1", "text")
    for other in (("zoom", "image-1", "text"), ("iiif", "image-2", "text"), ("iiif", "image-1", "texts")):
        assert not SIGNER.is_mark(mark, *other)
    assert not Signer([b"n" * 32]).is_mark(mark, "iiif", "image-1", "text")
    assert not SIGNER.is_mark("", "iiif", "image-1", "text")
