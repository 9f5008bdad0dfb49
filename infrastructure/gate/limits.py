"""How large and how complicated an image may be, and the count of what one file has used of it."""

from dataclasses import dataclass
from typing import Final

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may ask of a decoder."""

    pixels: int = 50_000_000
    """Pixels of one frame: width x height."""

    side: int = 32_768
    """Pixels of the longer side."""

    frames: int = 500
    """Frames of an animation, pages of a TIFF."""

    total_pixels: int = 400_000_000
    """Pixels of all frames together: each is decoded onto the whole canvas."""

    jpeg_scans: int = 100
    """Passes of a JPEG over its picture: each costs time by the size of the picture, not of the file."""

    parts: int = 20_000
    """Chunks, boxes, segments, directories, references and whatever else a container is a list of."""

    metadata_bytes: int = 4 * 1024 * 1024
    """Bytes of profiles, comments, EXIF and XMP together."""


DEFAULT: Final = Limits()


class Tally:
    """The count for one file; it raises as soon as a limit is passed, so that no loop outlives it."""

    __slots__ = ("coded", "frames", "limits", "metadata_bytes", "parts", "pixels", "scanned")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.parts = self.metadata_bytes = self.frames = self.pixels = self.coded = self.scanned = 0

    def part(self, count: int = 1) -> None:
        self.parts += count
        if self.parts > self.limits.parts:
            raise ImageTooComplex(
                f"The file is made of more than {self.limits.parts:,} parts. "
                "Save it again with an image editor, without its history and metadata."
            )

    def metadata(self, count: int) -> None:
        self.metadata_bytes += count
        if self.metadata_bytes > self.limits.metadata_bytes:
            raise ImageTooComplex(
                f"The file carries {self.metadata_bytes:,} bytes of metadata or more; "
                f"at most {self.limits.metadata_bytes:,} are accepted. Save it without its metadata."
            )

    def scan(self, count: int, whole: int) -> None:
        """Count bytes that are read one by one at a place that the file chose, in a file of `whole` bytes.

        Without it, a file could have its every byte read thousands of times.
        """
        self.scanned += count
        if self.scanned > whole:
            raise ImageTooComplex("The pieces of the image overlap. Save it again with an image editor.")

    def size(self, width: int, height: int) -> None:
        """Refuse a frame without pixels, or with too many."""
        if not (width and height):
            raise DamagedFile(
                f"The file says that its image is {width:,} x {height:,} pixels; it has no pixels."
            )
        side, pixels = self.limits.side, self.limits.pixels
        if max(width, height) > side:
            raise ImageTooLarge(
                f"The image is {width:,} x {height:,} pixels; at most {side:,} a side are accepted. "
                "Scale it down."
            )
        if width * height > pixels:
            raise ImageTooLarge(
                f"The image is {width:,} x {height:,} = {width * height:,} pixels; "
                f"at most {pixels:,} are accepted. Scale it down."
            )

    def frame(self, width: int, height: int, count: int = 1) -> None:
        """Count `count` more frames of this size in pixels."""
        self.size(width, height)
        self.frames += count
        self.pixels += width * height * count
        if self.frames > self.limits.frames:
            raise ImageTooLarge(
                f"The file has {self.frames:,} frames or more; at most {self.limits.frames:,} are accepted. "
                "Shorten the animation or split the file."
            )
        if self.pixels > self.limits.total_pixels:
            raise ImageTooLarge(
                f"The file's {self.frames:,} frames or more have {self.pixels:,} pixels together; "
                f"at most {self.limits.total_pixels:,} are accepted. Scale it down or shorten it."
            )

    def decode(self, width: int, height: int) -> None:
        """Count one picture that a decoder works through on its way to a frame, shown or not."""
        self.size(width, height)
        self.coded += width * height
        if self.coded > self.limits.total_pixels:
            raise ImageTooComplex(
                f"The file holds coded pictures of more than {self.limits.total_pixels:,} pixels together. "
                "Save it again as a plain image."
            )
