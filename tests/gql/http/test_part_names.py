from __future__ import annotations

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gql.http.part_names import PartNames


def filename(text: str) -> str | None:
    return PartNames.parse(f'form-data; name="0"; {text}'.encode()).file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('filename="a.png"', "a.png"),
        ("filename=a.png", "a.png"),
        ('filename=""', ""),
        ('FileName = "a.png"', "a.png"),
        ('filename="a; name=b.png"', "a; name=b.png"),
        ('filename="Übung 写真 🏖.png"', "Übung 写真 🏖.png"),
        ('filename="a%22b%0D%0Ac%0a.png"', 'a"b\r\nc\n.png'),
        ('filename="100%41 %25.png"', "100%41 %25.png"),
        ('filename="a\\"b\\".png"', 'a"b".png'),
        ('filename="a\\b.png"', "a\\b.png"),
        ('filename="C:\\photos\\"', "C:\\photos\\"),
        ('filename="../../etc/passwd"', "../../etc/passwd"),
        ("filename*=UTF-8''%e2%82%ac.png", "€.png"),
        ("filename=\"e.png\"; filename*=utf-8'en'%E2%82%AC.png", "€.png"),
        ("filename*=ISO-8859-1''%FCber.png", "über.png"),
        ("filename=\"e.png\"; filename*=UTF-7''x.png", "e.png"),
        ("filename*=UTF-8''%FF.png", "\ufffd.png"),
        ('filename="a.png"; filename="b.png"', "a.png"),
        ("", None),
        ('filename="a.png', None),
    ],
)
def test_file_names_are_read_as_clients_write_them(text: str, expected: str | None) -> None:
    """The name stays what it was; nothing in it is a path or an encoding of ours."""
    assert filename(text) == expected


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    """A file is not refused for its name."""
    names = PartNames.parse(b'form-data; name="0"; filename="\xff\xfe.png"')
    assert names == PartNames("0", "\ufffd\ufffd.png")


def test_a_part_may_have_no_name() -> None:
    """It is the form that is wrong then."""
    assert PartNames.parse(b"form-data") == PartNames.parse(b"") == PartNames(None, None)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\\%"), min_size=1))
@example('a"b\r\nc')
def test_what_a_client_sends_is_what_is_read(name: str) -> None:
    """httpx escapes names as browsers do, and control characters besides."""
    request = httpx.Request("POST", "http://toy", files={"0": (name, b"x")})
    header = request.read().split(b"\r\n")[1].removeprefix(b"Content-Disposition: ")
    assert PartNames.parse(header).file == name


@given(st.binary(max_size=80))
@example(b';a="' + b'\\"' * 4_000)
@example(b';a=" ' * 1_000)
def test_no_header_is_too_strange(header: bytes) -> None:
    """Names are found, or none are."""
    names = PartNames.parse(header)
    assert names.field is None or isinstance(names.field, str)
