"""Not images, wrong types, nothing at all."""

import io
import random
import zipfile
import zlib
from collections.abc import Iterator

from tests.nasty import png
from tests.nasty.avif import box
from tests.nasty.case import Case, Want
from tests.nasty.packing import be32

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"'
AVIF = box(b"ftyp", b"avif" + be32(0) + b"avifmif1")

FILES: dict[str, bytes] = {
    "empty.jpg": b"",
    "one-byte.png": b"\x89",
    "nul.jpg": bytes(4096),
    "text.png": b"hello, world\n" * 50,
    "magic-only.jpg": b"\xff\xd8\xff",
    "magic-only.png": png.SIGNATURE,
    "magic-only.gif": b"GIF89a",
    "magic-only.webp": b"RIFF\0\0\0\0WEBP",
    "html.png": b"<!doctype html><script>alert(document.domain)</script>",
    "svg-script.svg": b'<?xml version="1.0"?>' + SVG + b' width="10" height="10" onload="alert(1)"><script>'
    b'alert(document.cookie)</script><rect width="10" height="10"/></svg>',
    "svg-xxe.svg": b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + SVG
    + b"><text>&x;</text></svg>",
    "svg-laughs.svg": b'<!DOCTYPE s [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
    + SVG
    + b"><text>&j;</text></svg>",
    "svg-ssrf.svg": SVG + b' xmlns:xlink="http://www.w3.org/1999/xlink"><image '
    b'xlink:href="http://169.254.169.254/latest/meta-data/" width="9" height="9"/></svg>',
    "imagetragick.mvg": b"push graphic-context\nviewbox 0 0 640 480\n"
    b"fill 'url(https://127.0.0.1/x.png\"|touch \"/tmp/pwned)'\npop graphic-context\n",
    "imagetragick.jpg": b"push graphic-context\nviewbox 0 0 640 480\n"
    b"image over 0,0 0,0 'ephemeral:/tmp/x'\npop graphic-context\n",
    "doc.pdf": b"%PDF-1.4\n"
    b"1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "post.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file pop\nshowpage\n",
    "icon.ico": b"\0\0\1\0\1\0\x01\x01\0\0\1\0\x20\0\x30\0\0\0\x16\0\0\0" + bytes(0x30),
    "movie.mp4": box(b"ftyp", b"isom" + be32(512) + b"isomiso2mp41") + box(b"mdat", bytes(64)),
    "heic-brand.avif": box(b"ftyp", b"heic" + be32(0) + b"mif1heic") + box(b"mdat", bytes(64)),
    "ftyp-loop.avif": AVIF + be32(0) + b"meta" + be32(0),
    "ftyp-1.avif": box(b"ftyp", b"avif" + be32(0) + b"avif") + be32(1) + b"meta" + b"\xff" * 8,
}

NOTES = {"imagetragick.mvg": "CVE-2016-3714 as .mvg; also try it named .jpg"}


def cases(rng: random.Random) -> Iterator[Case]:
    for name, data in FILES.items():
        yield refused(name, data)
    yield refused("plain.zip", jar())
    yield refused("gzip.svgz", gzipped(b"<svg onload=alert(1)/>"))
    for number in range(8):
        yield refused(f"noise-{number}.bin", rng.randbytes(1 << (4 + number)))


def refused(name: str, data: bytes) -> Case:
    return Case("other", name, data, Want.REFUSE, note=NOTES.get(name, ""))


def jar() -> bytes:
    """A zip with the start of a Java class in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("evil.class", (1980, 1, 1, 0, 0, 0)), b"\xca\xfe\xba\xbe" + bytes(64))
    return buffer.getvalue()


def gzipped(data: bytes) -> bytes:
    """A gzip header and trailer around it; the trailer's checksum and size are wrong."""
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zlib.compress(data)[2:-4] + be32(0) + be32(0)
