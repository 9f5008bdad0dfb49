from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.types import Message

from gql.errors import RequestError
from gql.http.body import Body
from gql.http.parts import Part, Parts
from tests.gql.http import forms


def parts(content: bytes, *, size: int = 1_000_000, boundary: str = forms.BOUNDARY, most: int = 10) -> Parts:
    """A form that arrives in chunks of so many bytes."""
    chunks = [content[start : start + size] for start in range(0, len(content), size)]

    async def receive() -> Message:
        chunk = chunks.pop(0) if chunks else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    return Parts(Body(receive, Headers(), 5), boundary, most)


async def everything(reading: Parts) -> list[tuple[Part, bytes]]:
    found = []
    while (part := await reading.next()) is not None:
        content = b""
        while (piece := await reading.piece()) is not None:
            content += piece
        found.append((part, content))
    return found


async def refusal(content: bytes, **settings: object) -> str:
    with pytest.raises(RequestError) as caught:
        await everything(parts(content, **settings))  # type: ignore[arg-type]
    assert caught.value.status in {400, 413}
    return str(caught.value)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1_000_000])
async def test_parts_come_in_order_however_they_are_cut(size: int) -> None:
    """Content that looks like a boundary for a while is content."""
    tricky = f"\r\n--{forms.BOUNDARY[:-1]}\r\n--\r\n\r\r\n--{forms.BOUNDARY}x".encode() + bytes(range(256))
    content = forms.form(forms.field("operations", 1), forms.file("0", tricky, "ä.png"), forms.file("1", b""))
    assert await everything(parts(content, size=size)) == [
        (Part("operations", None, ""), b"1"),
        (Part("0", "ä.png", "image/png"), tricky),
        (Part("1", "a.png", "image/png"), b""),
    ]


async def test_a_form_may_be_empty_and_may_have_an_epilogue() -> None:
    """RFC 2046 §5.1.1 allows text after the end, which means nothing."""
    assert await everything(parts(forms.form())) == []
    assert await everything(parts(forms.form(forms.field("a", 1)) + b"epilogue")) == [
        (Part("a", None, ""), b"1")
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "ends in the middle"),
        (b"nonsense", "malformed"),
        (forms.field("a", 1), "ends in the middle"),
        (forms.field("a", 1)[:-4], "ends in the middle"),
        (forms.form(forms.field("a", 1))[:-5], "ends in the middle"),
        (forms.form(f"--{forms.BOUNDARY}\r\n\r\nx\r\n".encode()), "has no name"),
        (forms.form(forms.part('filename="a.png"', b"x")), "has no name"),
        (forms.form(forms.part('name="0"', b"x", "X-Long: " + "x" * 10_000)), "header size"),
        (forms.form(forms.part('name="0"', b"x", *(f"X-{n}: x" for n in range(9)))), "header count"),
        (forms.form(forms.part('name="0"', b"x", "No colon")), "invalid character"),
        (b"\r\n" * 100_000, "too much between"),
        (forms.form(forms.field("a", 1)) + b"x" * 200_000, "too much after"),
        (f"--{forms.BOUNDARY}".encode() + b" " * 200_000, "malformed"),
        (forms.form(*(forms.field(str(number), 1) for number in range(11))), "too many parts"),
    ],
    ids=range(14),
)
async def test_a_malformed_form_is_refused(content: bytes, reason: str) -> None:
    """With what is wrong about it, as soon as it is seen."""
    assert reason in await refusal(content, size=1_000)


@pytest.mark.parametrize("boundary", ["", "x" * 71, "a\r\nb", "ü", "a ", 'a"b', "a;b"])
async def test_a_boundary_is_of_one_to_seventy_plain_characters(boundary: str) -> None:
    """RFC 2046 §5.1.1."""
    assert "boundary" in await refusal(forms.form(), boundary=boundary)


async def test_a_field_is_read_up_to_its_limit() -> None:
    """It is held in memory, unlike a file."""
    reading = parts(forms.form(forms.part('name="a"', b"12345"), forms.part('name="b"', b"123456")), size=3)
    await reading.next()
    assert await reading.field(5) == b"12345"
    await reading.next()
    with pytest.raises(RequestError) as caught:
        await reading.field(5)
    assert caught.value.status == 413


@given(st.data(), st.integers(1, 40))
@settings(max_examples=150, deadline=None)
async def test_a_damaged_form_is_parts_or_a_request_error(data: st.DataObject, size: int) -> None:
    """Bytes changed, removed or put in anywhere."""
    content = bytearray(forms.form(forms.field("operations", {"a": 1}), forms.file("0", b"content")))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        found = await everything(parts(bytes(content), size=size))
    except RequestError:
        return
    assert all(isinstance(part.name, str) for part, _ in found)
