"""What the examination of an original has found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from domain import metadata
from domain.findings import Findings
from gql.context import Context
from gql.schema.scalars import DateTime

strawberry.enum(metadata.ExposureProgram)
strawberry.enum(metadata.MeteringMode)
strawberry.enum(metadata.WhiteBalance)
strawberry.enum(metadata.ColorSpace)


@strawberry.type(description="What a picture was taken with, as the file says.")
class Camera:
    make: str | None
    model: str | None
    lens_make: str | None
    lens: str | None


@strawberry.type(
    description="What a file says of its picture, in Exif; null where it does not, or cannot be read. "
    "Moments without an offset are shown as if in UTC."
)
class Metadata:
    taken_at: DateTime | None
    utc_offset: int | None = strawberry.field(description="Of takenAt in minutes, where it was recorded.")
    digitized_at: DateTime | None
    modified_at: DateTime | None
    f_number: float | None
    exposure_time: float | None = strawberry.field(description="In seconds.")
    iso: int | None
    focal_length: float | None = strawberry.field(description="In millimetres.")
    focal_length_35mm: int | None = strawberry.field(
        name="focalLength35mm", description="What it would be on 35 mm film, in millimetres."
    )
    exposure_program: metadata.ExposureProgram | None
    exposure_bias: float | None = strawberry.field(description="In EV.")
    metering_mode: metadata.MeteringMode | None
    flash: bool | None = strawberry.field(description="Whether it fired.")
    white_balance: metadata.WhiteBalance | None
    orientation: int | None = strawberry.field(
        description="1 to 8, as Exif numbers it; all pictures are shown upright."
    )
    color_space: metadata.ColorSpace | None
    software: str | None
    artist: str | None
    copyright: str | None
    description: str | None


@strawberry.type(description="A place on earth, in degrees of WGS 84; north and east are positive.")
class Location:
    latitude: float
    longitude: float
    altitude: float | None = strawberry.field(description="In metres above the sea.")
    at: DateTime | None = strawberry.field(description="By the clock of the satellites.")


def findings_of(found: Findings | None, context: Context) -> dict[str, Any]:
    """The fields of an image that an examination fills."""
    said = None if found is None else found.metadata
    return {
        "examined": found is not None,
        "taken_at": None if said is None else _moment(said.taken_at),
        "camera": None if said is None or not said.camera else _camera(said),
        "metadata": None if said is None else _metadata(said),
        "location": _location(found.location) if found is not None and context.shows_locations else None,
        "placeholder": None if found is None else found.placeholder,
        "pixel_hash": None if found is None else found.pixel_hash,
        "perceptual_hash": None if found is None else found.perceptual_hash,
    }


def _camera(said: metadata.Metadata) -> Camera:
    return Camera(make=said.make, model=said.model, lens_make=said.lens_make, lens=said.lens)


def _metadata(said: metadata.Metadata) -> Metadata:
    return Metadata(
        taken_at=_moment(said.taken_at),
        utc_offset=said.utc_offset,
        digitized_at=_moment(said.digitized_at),
        modified_at=_moment(said.modified_at),
        f_number=said.f_number,
        exposure_time=said.exposure_time,
        iso=said.iso,
        focal_length=said.focal_length,
        focal_length_35mm=said.focal_length_35mm,
        exposure_program=said.exposure_program,
        exposure_bias=said.exposure_bias,
        metering_mode=said.metering_mode,
        flash=said.flash,
        white_balance=said.white_balance,
        orientation=said.orientation,
        color_space=said.color_space,
        software=said.software,
        artist=said.artist,
        copyright=said.copyright,
        description=said.description,
    )


def _location(place: metadata.Location | None) -> Location | None:
    if place is None:
        return None
    return Location(
        latitude=place.latitude, longitude=place.longitude, altitude=place.altitude, at=_moment(place.at)
    )


def _moment(moment: datetime | None) -> DateTime | None:
    return None if moment is None else DateTime(moment)
