"""A file is saved under the name that its image has, and no name does any harm."""

import re
import unicodedata
from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.header import EXTENSIONS, MediaType
from gql.http.file_names import Disposition, content_disposition, original_name, rendition_name

ANY_TEXT = st.text(st.characters(), max_size=300)
MEDIA_TYPES = st.sampled_from(MediaType)
HEADER = re.compile(
    r"attachment; filename=\"([ !#$&'()+,\-.0-9;=@A-Z\[\]^_`a-z{}~]+)\"; "
    r"filename\*=UTF-8''((?:[A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-F]{2})+)"
)


def names_in(header: str) -> tuple[str, str]:
    """The ASCII name and the full one, by the grammar of RFC 6266 and RFC 8187."""
    match = HEADER.fullmatch(header)
    assert match is not None, header
    return match[1], unquote(match[2], errors="strict")


@pytest.mark.parametrize(
    ("name", "media_type", "saved_as"),
    [
        ("holiday.jpg", MediaType.JPEG, "holiday.jpg"),
        ("holiday.JPEG", MediaType.JPEG, "holiday.JPEG"),
        ("scan.tiff", MediaType.TIFF, "scan.tiff"),
        ("holiday.png", MediaType.JPEG, "holiday.jpg"),
        ("holiday", MediaType.PNG, "holiday.png"),
        ("v1.2", MediaType.PNG, "v1.2.png"),
        ("page.html", MediaType.GIF, "page.html.gif"),
        ("two.png.exe", MediaType.PNG, "two.png.exe.png"),
        ("my photo 1.webp", MediaType.WEBP, "my photo 1.webp"),
        ("Зимний сад.jpg", MediaType.JPEG, "Зимний сад.jpg"),
        ("北京.avif", MediaType.AVIF, "北京.avif"),
        ("صورة.png", MediaType.PNG, "صورة.png"),
        ("👩‍👩‍👧.png", MediaType.PNG, "👩‍👩‍👧.png"),
        ("x$(y).png", MediaType.PNG, "x$(y).png"),
        ("; rm -rf ~ #.png", MediaType.PNG, "; rm -rf ~ #.png"),
        ('say "cheese".jpg', MediaType.JPEG, 'say "cheese".jpg'),
        ("../../etc/passwd", MediaType.PNG, "passwd.png"),
        ("C:\\temp\\holiday.jpg", MediaType.JPEG, "holiday.jpg"),
        ("a\r\nSet-Cookie: b=c.jpg", MediaType.JPEG, "aSet-Cookie: b=c.jpg"),
        ("\u202egpj.exe", MediaType.JPEG, "gpj.exe.jpg"),
        (".hidden", MediaType.PNG, "hidden.png"),
        ("..", MediaType.PNG, "untitled.png"),
        ("", MediaType.PNG, "untitled.png"),
        (".jpg", MediaType.JPEG, "jpg.jpg"),
    ],
)
def test_originals_keep_their_name_and_tell_their_type(
    name: str, media_type: MediaType, saved_as: str
) -> None:
    """An extension that says something else is replaced, or follows."""
    assert original_name(name, media_type) == saved_as


@pytest.mark.parametrize(
    ("name", "preset", "media_type", "saved_as"),
    [
        ("holiday.jpg", "thumbnail", MediaType.WEBP, "holiday-thumbnail.webp"),
        ("holiday", "grayscale-300", MediaType.JPEG, "holiday-grayscale-300.jpg"),
        ("v1.2", "thumbnail", MediaType.WEBP, "v1.2-thumbnail.webp"),
        ("", "thumbnail", MediaType.WEBP, "untitled-thumbnail.webp"),
        ("北京.png", "../x", MediaType.WEBP, "北京-x.webp"),
    ],
)
def test_renditions_are_named_for_image_and_preset(
    name: str, preset: str, media_type: MediaType, saved_as: str
) -> None:
    """With the extension of what they are, not of what they were made from."""
    assert rendition_name(name, preset, media_type) == saved_as


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("holiday.jpg", "holiday.jpg"),
        ("Höhe & Weite.jpg", "Hohe & Weite.jpg"),
        ("Зимний.jpg", "______.jpg"),
        ('say "cheese".jpg', "say _cheese_.jpg"),
        ("100%41.jpg", "100_41.jpg"),
        ("a;b=c.jpg", "a;b=c.jpg"),
        ("x$(y).png", "x$(y).png"),
        ("what?.png", "what_.png"),
    ],
)
def test_old_clients_get_a_name_in_ascii(name: str, ascii_name: str) -> None:
    """With nothing in it that needs to be escaped or might be decoded."""
    assert names_in(content_disposition(Disposition.ATTACHMENT, name)) == (ascii_name, name)


@given(name=ANY_TEXT, media_type=MEDIA_TYPES)
@example(name="\ud800", media_type=MediaType.PNG)
@example(name="\u0340" * 255, media_type=MediaType.PNG)
def test_the_header_is_well_formed_for_any_name(name: str, media_type: MediaType) -> None:
    """It is ASCII on one line, and brings the full name back."""
    saved_as = original_name(name, media_type)
    header = content_disposition(Disposition.ATTACHMENT, saved_as)
    assert header.isascii()
    assert header.isprintable()
    assert names_in(header)[1] == saved_as


@given(name=ANY_TEXT)
def test_other_parsers_find_the_same_name(name: str) -> None:
    """The standard library's, for one."""
    saved_as = original_name(name, MediaType.PNG)
    message = Message()
    message["Content-Disposition"] = content_disposition(Disposition.INLINE, saved_as)
    (disposition, _), (_, _), (name_param, value) = message.get_params([], "content-disposition")
    assert (disposition, name_param) == ("inline", "filename")
    assert collapse_rfc2231_value(value) == saved_as


@given(name=ANY_TEXT, preset=ANY_TEXT, media_type=MEDIA_TYPES)
@example(name="n" * 300, preset="p" * 300, media_type=MediaType.WEBP)
def test_a_name_is_no_path_and_can_be_seen_and_saved(name: str, preset: str, media_type: MediaType) -> None:
    """On file systems that take 255 bytes for an original's name; with its true extension."""
    for saved_as in (original_name(name, media_type), rendition_name(name, preset, media_type)):
        assert not saved_as.startswith((".", " "))
        assert not {"/", "\\"} & set(saved_as)
        assert not {unicodedata.category(c) for c in saved_as} & {"Cc", "Cs"}
        assert len(saved_as.encode()) <= 255
    assert rendition_name(name, preset, media_type).endswith(EXTENSIONS[media_type])


def test_a_long_name_is_cut_between_characters() -> None:
    """And keeps its extension."""
    assert original_name("é" * 200 + ".jpg", MediaType.JPEG) == "é" * 90 + ".jpg"
