"""What a file says of the picture in it: the part of Exif that people ask about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ExposureProgram(StrEnum):
    MANUAL = "manual"
    NORMAL = "normal"
    APERTURE_PRIORITY = "aperture_priority"
    SHUTTER_PRIORITY = "shutter_priority"
    CREATIVE = "creative"
    ACTION = "action"
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


class MeteringMode(StrEnum):
    AVERAGE = "average"
    CENTER_WEIGHTED = "center_weighted"
    SPOT = "spot"
    MULTI_SPOT = "multi_spot"
    PATTERN = "pattern"
    PARTIAL = "partial"
    OTHER = "other"


class WhiteBalance(StrEnum):
    AUTO = "auto"
    MANUAL = "manual"


class ColorSpace(StrEnum):
    SRGB = "srgb"
    UNCALIBRATED = "uncalibrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is missing, or cannot be read, is None.

    A moment without an offset from UTC is taken as if it were in UTC: that is how it is shown and
    sorted. `utc_offset` is that of `taken_at` in minutes, where the camera has recorded one. Exposure
    time in seconds, exposure bias in EV, focal lengths in millimetres; orientation as Exif numbers it.
    """

    taken_at: datetime | None = None
    utc_offset: int | None = None
    digitized_at: datetime | None = None
    modified_at: datetime | None = None
    make: str | None = None
    model: str | None = None
    lens_make: str | None = None
    lens: str | None = None
    f_number: float | None = None
    exposure_time: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    focal_length_35mm: int | None = None
    exposure_program: ExposureProgram | None = None
    exposure_bias: float | None = None
    metering_mode: MeteringMode | None = None
    flash: bool | None = None
    white_balance: WhiteBalance | None = None
    orientation: int | None = None
    color_space: ColorSpace | None = None
    software: str | None = None
    artist: str | None = None
    copyright: str | None = None
    description: str | None = None

    @property
    def camera(self) -> str:
        """All that names the camera, for searching without case."""
        return " ".join(filter(None, (self.make, self.model, self.lens_make, self.lens))).casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a picture was taken: degrees of WGS 84, north and east positive; metres above the sea."""

    latitude: float
    longitude: float
    altitude: float | None = None
    at: datetime | None = None
    """By the clock of the satellites, in UTC."""
