from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from gql.http.origin import is_foreign, may_have_been_forged


@pytest.mark.parametrize(
    "headers",
    [
        {"graphql-require-preflight": "1"},
        {"apollo-require-preflight": "anything"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://images.example", "host": "images.example"},
        {"origin": "http://images.example:8000", "host": "Images.example:8000"},
        {"origin": "http://images.example", "host": "images.example:80"},
        {"origin": "https://[::1]:8443", "host": "[::1]:8443"},
        {"origin": "https://evil.example", "host": "images.example", "graphql-require-preflight": "1"},
    ],
)
def test_any_one_sign_of_our_own_page_is_enough(headers: dict[str, str]) -> None:
    """A page of another site can give none of them."""
    assert not may_have_been_forged(Headers(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"graphql-require-preflight": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null", "host": "images.example"},
        {"origin": "https://evil.example", "host": "images.example"},
        {"origin": "https://images.example.evil.example", "host": "images.example"},
        {"origin": "https://images.example:8443", "host": "images.example"},
        {"origin": "https://images.example:99999999", "host": "images.example"},
        {"origin": "https://[images", "host": "[images"},
        {"origin": "https://images.example"},
        {"origin": "", "host": ""},
    ],
)
def test_without_a_sign_a_form_may_be_forged(headers: dict[str, str]) -> None:
    """What cannot be read is no sign."""
    assert may_have_been_forged(Headers(headers))


def test_programs_without_an_origin_are_not_foreign() -> None:
    """Only browsers send one, and they always do with a WebSocket."""
    assert not is_foreign(Headers({"host": "images.example"}))
    assert not is_foreign(Headers({"origin": "http://images.example", "host": "images.example"}))
    assert is_foreign(Headers({"origin": "http://evil.example", "host": "images.example"}))
    assert is_foreign(Headers({"origin": "null", "host": "images.example"}))
