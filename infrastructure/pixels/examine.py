"""The examination of an original, as data: one full decode, of which all is learnt."""

from __future__ import annotations

import hashlib
from typing import Final

import cv2
import msgspec

from domain.findings import Findings
from domain.header import ImageHeader
from domain.operations.catalogue import Pixels
from domain.ports.rendering import RenderFailure
from infrastructure.gate.limits import DEFAULT
from infrastructure.metadata.blocks import exif_block
from infrastructure.metadata.exif import parse
from infrastructure.pixels.channels import straight, three_or_four, to_8_bit
from infrastructure.pixels.codec import decode
from infrastructure.pixels.perceptual_hash import perceptual_hash
from infrastructure.pixels.pixel_hash import pixel_hash
from infrastructure.pixels.tasks import failure
from infrastructure.pixels.thumb_hash import LONGEST, thumb_hash

_SMALL: Final = 256
"""Pixels of the longer side of the copy that perceptual hash and placeholder are made of."""


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """Either is there."""

    findings: Findings | None = None
    failure: RenderFailure | None = None


class Examine(msgspec.Struct, frozen=True, tag=True):
    header: ImageHeader

    def carry_out(self, content: bytes) -> Examination:
        try:
            return Examination(findings=self._findings(content))
        except Exception as error:
            return Examination(failure=failure(error))

    def _findings(self, content: bytes) -> Findings:
        metadata, location = parse(exif_block(content, self.header.media_type, DEFAULT) or b"")
        pixels = decode(content, self.header)
        small = _reduced_by_alpha(three_or_four(pixels))
        return Findings(
            pixel_hash=pixel_hash(pixels, self._unseen(content)),
            perceptual_hash=perceptual_hash(_on_white(small)),
            placeholder=thumb_hash(_with_alpha(_reduced(small, LONGEST))),
            metadata=metadata,
            location=location,
        )

    def _unseen(self, content: bytes) -> bytes:
        """Only the first frame is decoded: those that have more are the same where their files are."""
        return hashlib.sha256(content).digest() if self.header.frames > 1 else b""


def _reduced_by_alpha(pixels: Pixels) -> Pixels:
    """A small copy, colours by their alpha, so that what is transparent has no part in an average.

    A channel at a time, for the sake of memory.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return _reduced(pixels, _SMALL)
    alpha = cv2.extractChannel(pixels, 3)
    most = 255 if pixels.dtype.itemsize == 1 else 65535
    colors = [
        _reduced(cv2.multiply(cv2.extractChannel(pixels, channel), alpha, scale=1 / most), _SMALL)
        for channel in range(3)
    ]
    return cv2.merge((*colors, _reduced(alpha, _SMALL)))


def _reduced(pixels: Pixels, longest: int) -> Pixels:
    """uint8, averaged over areas to at most so many pixels a side."""
    height, width = pixels.shape[:2]
    scale = longest / max(width, height)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(_halved(pixels, longest), size, interpolation=cv2.INTER_AREA)
    return to_8_bit(pixels)


def _halved(pixels: Pixels, longest: int) -> Pixels:
    """In exact halves, which are made ten times as fast, while twice as much is left as is wanted."""
    while max(pixels.shape[:2]) >= 4 * longest and not pixels.shape[0] % 2 and not pixels.shape[1] % 2:
        pixels = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return pixels


def _on_white(pixels: Pixels) -> Pixels:
    """Gray or BGR, of premultiplied pixels."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    *colors, alpha = cv2.split(pixels)
    beneath = cv2.bitwise_not(alpha)
    return cv2.merge([cv2.add(color, beneath) for color in colors])


def _with_alpha(pixels: Pixels) -> Pixels:
    """BGRA, of premultiplied pixels."""
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGRA)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA) if pixels.shape[2] == 3 else straight(pixels)
