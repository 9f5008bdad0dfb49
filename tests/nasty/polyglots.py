"""Files that decode well and are something else too."""

from collections.abc import Iterator

from tests.nasty import bmp, gif, jpeg, png, webp
from tests.nasty.case import Case, Want
from tests.nasty.other import jar

XMP = b"<x:xmpmeta><script>alert(1)</script></x:xmpmeta>"


def cases(base: dict[str, bytes]) -> Iterator[Case]:
    photo, drawing = base["rgb.jpg"], base["rgb.png"]
    page = png.chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")
    yield strip("gifar.gif", base["still.gif"] + jar(), note="GIF + JAR")
    yield script_in_gif()
    yield strip("jpeg-html.jpg", commented(photo, b"<html><script>alert(1)</script><!--"))
    yield strip("jpeg-php.jpg", photo + b"<?php system($_GET['c']); ?>")
    yield strip("jpeg-zip.jpg", photo + jar())
    yield strip("png-html.png", png.with_chunks(drawing, page))
    yield strip("png-tail.png", drawing + b"<script>alert(1)</script>" * 40)
    yield strip(
        "webp-xmp.webp", webp.extended((10, 10), (10, 10), webp.chunk(b"XMP ", XMP), flags=0x14), (10, 10)
    )
    yield strip("bmp-js.bmp", b"BM/*" + bmp.picture(4, 4, bytes(48))[4:] + b"*/=1;alert(1)//", (4, 4))
    pdf = commented(photo, b"%PDF-1.4\n1 0 obj<<>>endobj\n")
    yield strip("pdf-jpg.jpg", pdf + b"\ntrailer<<>>%%EOF")


def script_in_gif() -> Case:
    """The width of the screen is the start of a comment, the comment ends in code."""
    data = gif.picture((0x2F2A, 10), (10, 10), comment=b"*/=1;alert(1)//")
    return strip("gif-js.gif", data, (12074, 10), note="GIF89a/*...*/=1;alert(1)// : valid JS")


def commented(photo: bytes, comment: bytes) -> bytes:
    return jpeg.with_segments(photo, jpeg.segment(0xFE, comment))


def strip(name: str, data: bytes, size: tuple[int, int] = (160, 120), *, note: str = "") -> Case:
    return Case("poly", name, data, Want.STRIP, *size, note=note)
