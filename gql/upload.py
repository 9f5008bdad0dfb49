"""Files in GraphQL: the `Upload` scalar, which only a part of a multipart request can fill."""

from __future__ import annotations

from dataclasses import dataclass

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.ports.content import Staged


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that has arrived whole, and stays until the request has been answered.

    `filename` and `media_type_claimed` are what the client wrote, and may be anything; the name is
    no path. Both may be empty.
    """

    filename: str
    media_type_claimed: str
    staged: Staged


def upload_scalar() -> ScalarDefinition:
    """For `StrawberryConfig(scalar_map={UploadedFile: upload_scalar()})`."""
    return strawberry.scalar(
        name="Upload",
        description="A file, sent as a part of a multipart request.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        serialize=_refuse,
        parse_value=_accept,
    )


def _accept(value: object) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value
    raise ValueError("send null here, and the file as a part of a multipart/form-data request")


def _refuse(_value: object) -> None:
    raise TypeError("Upload is for input only")
