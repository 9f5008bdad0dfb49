"""The well-formed files that others are made of: small pictures by Pillow, and a few by hand."""

import io
import random
import struct

from PIL import Image, ImageCms

from tests.nasty.packing import be32, le32

WIDTH, HEIGHT = 160, 120
ALLOWED = {"jpg", "png", "webp", "gif", "tif", "avif", "bmp"}
FAX = "g4.tif"
"""A TIFF by its name, in a compression that is not accepted."""


def build(rng: random.Random) -> dict[str, bytes]:
    picture = colours(rng)
    clear = picture.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(picture.size))
    return encoded_by_pillow(picture, clear) | written_by_hand()


def colours(rng: random.Random) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    picture.putdata(
        [
            ((x * 5 + rng.randrange(8)) & 255, (y * 7) & 255, (x * y + rng.randrange(16)) & 255)
            for y in range(HEIGHT)
            for x in range(WIDTH)
        ]
    )
    return picture


def encoded_by_pillow(picture: Image.Image, clear: Image.Image) -> dict[str, bytes]:
    turned = [picture.rotate(90), picture.rotate(180)]
    gray, black_and_white, few = picture.convert("L"), picture.convert("1"), picture.quantize(64)
    moving: dict[str, object] = {"save_all": True, "append_images": turned}
    avif: dict[str, object] = {"speed": 10, "max_threads": 1}
    return {
        "rgb.jpg": encoded(picture, "JPEG", quality=85),
        "prog.jpg": encoded(picture, "JPEG", quality=85, progressive=True),
        "cmyk.jpg": encoded(picture.convert("CMYK"), "JPEG"),
        "gray.jpg": encoded(gray, "JPEG"),
        "rgb.png": encoded(picture, "PNG"),
        "rgba.png": encoded(clear, "PNG"),
        "pal.png": encoded(few, "PNG"),
        "gray16.png": encoded(picture.convert("I;16"), "PNG"),
        "one.png": encoded(black_and_white, "PNG"),
        "lossy.webp": encoded(picture, "WEBP", quality=80),
        "lossless.webp": encoded(clear, "WEBP", lossless=True),
        "anim.webp": encoded(picture, "WEBP", duration=50, **moving),
        "still.gif": encoded(picture, "GIF"),
        "anim.gif": encoded(picture, "GIF", duration=50, **moving),
        "raw.tif": encoded(picture, "TIFF"),
        "lzw.tif": encoded(picture, "TIFF", compression="tiff_lzw"),
        "deflate.tif": encoded(picture, "TIFF", compression="tiff_adobe_deflate"),
        "jpeg.tif": encoded(picture, "TIFF", compression="jpeg"),
        "multi.tif": encoded(picture, "TIFF", save_all=True, append_images=turned[:1]),
        FAX: encoded(black_and_white, "TIFF", compression="group4"),
        "rgb.avif": encoded(picture, "AVIF", quality=60, **avif),
        "rgba.avif": encoded(clear, "AVIF", quality=60, **avif),
        "anim.avif": timeless(encoded(picture, "AVIF", **moving, **avif)),
        "rgb.jp2": encoded(picture, "JPEG2000"),
        "rgb.j2k": encoded(picture, "JPEG2000", no_jp2=True),
        "rgb.bmp": encoded(picture, "BMP"),
        "pal.bmp": encoded(few, "BMP"),
        "rgb.ppm": encoded(picture, "PPM"),
        "gray.pgm": encoded(gray, "PPM"),
    }


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def timeless(movie: bytes) -> bytes:
    """The same file with every time of creation and change at 0."""
    data = bytearray(movie)
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.find(kind)
        while at >= 0:
            times = 16 if data[at + 4] == 1 else 8
            data[at + 8 : at + 8 + times] = bytes(times)
            at = data.find(kind, at + 4)
    return bytes(data)


def written_by_hand() -> dict[str, bytes]:
    """Types that are not accepted."""
    pam = b"P7\nWIDTH 16\nHEIGHT 8\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    raster = (0x59A66A95, 16, 8, 24, 384, 1, 0, 0)
    return {
        "bit.pbm": b"P4\n160 120\n" + bytes(20 * 120),
        "ascii.ppm": b"P3\n4 2\n255\n" + b"12 34 56 " * 8,
        "rgba.pam": pam + bytes(16 * 8 * 4),
        "rgb.pfm": b"PF\n16 8\n-1.0\n" + struct.pack("<384f", *[n / 384 for n in range(384)]),
        "flat.hdr": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 16\n"
        + (b"\x02\x02\x00\x10" + b"\x90\x40" * 4) * 8,
        "rgb.ras": b"".join(map(be32, raster)) + bytes(384),
        "tiny.exr": b"\x76\x2f\x31\x01\x02\x00\x00\x00channels\0chlist\0" + le32(37) + bytes(37),
    }


def srgb_profile() -> bytes:
    """Pillow's sRGB profile without its date of creation and its id."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:84] + bytes(16) + profile[100:]
