"""What is done with the bytes of an original, as data: carried out in a thread, or in a process of its own.

A task and its result are structs of plain values, so that they can be sent.
"""

from __future__ import annotations

import logging
from typing import Final, Protocol, TypeVar

import cv2
import msgspec

from domain.errors import Refusal, Unavailable
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels, resolve
from domain.output import Output
from domain.ports.rendering import RenderFailure
from domain.recipe import Recipe
from infrastructure.pixels.codec import NO_MEMORY, decode, encode
from infrastructure.pixels.plan import plan
from infrastructure.pixels.versions import library_versions

R_co = TypeVar("R_co", covariant=True)

log: Final = logging.getLogger("darkroom.renderer")


class Task(Protocol[R_co]):
    """Work on the pixels of one file."""

    @property
    def header(self) -> ImageHeader: ...

    def carry_out(self, content: bytes) -> R_co:
        """Never raises what is the file's own fault; the result says it."""
        ...


class Encoded(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, written."""

    content: memoryview
    media_type: MediaType
    width: int
    height: int


class Renditions(msgspec.Struct, frozen=True):
    """By the names that they were asked for: each is made, or has failed.

    `made_with`: the versions of the libraries in the process that carried it out.
    """

    made: dict[str, Encoded]
    failed: dict[str, RenderFailure]
    made_with: dict[str, str] = {}


class Render(msgspec.Struct, frozen=True, tag=True):
    """Several renditions of one picture, decoded once. Recipes are known to be applicable to its size."""

    header: ImageHeader
    requests: dict[str, tuple[Recipe, Output]]

    def carry_out(self, content: bytes) -> Renditions:
        """What is wrong with one rendition does not harm another."""
        calls = {name: resolve(recipe) for name, (recipe, _) in self.requests.items()}
        planned = plan(self.header, calls.values())
        try:
            pixels = decode(content, self.header, scale=planned.scale, gray=planned.gray)
        except Exception as error:
            return Renditions({}, dict.fromkeys(calls, failure(error)))
        renditions = Renditions({}, {}, library_versions())
        for name, steps in calls.items():
            try:
                renditions.made[name] = _encoded(planned.apply(steps, pixels), self.requests[name][1])
            except Exception as error:
                renditions.failed[name] = failure(error)
        return renditions


def _encoded(pixels: Pixels, output: Output) -> Encoded:
    height, width = pixels.shape[:2]
    return Encoded(content=encode(pixels, output), media_type=output.media_type, width=width, height=height)


def failure(error: Exception) -> RenderFailure:
    """What people are told of an error. It is final where the same would happen again."""
    match error:
        case Refusal():
            return RenderFailure(error.code, error.message, final=not isinstance(error, Unavailable))
        case MemoryError():
            return _passing("OUT_OF_MEMORY", "The server did not have the memory for this picture.")
        case cv2.error() if error.code == NO_MEMORY:
            return _passing("OUT_OF_MEMORY", "The server did not have the memory for this picture.")
        case OSError():
            log.error("working on a picture: %s", error)
            return _passing("STORAGE_FAILED", "The server could not read the original or store the result.")
        case _:
            log.error("working on a picture", exc_info=error)
            return _passing("RENDER_FAILED", "The picture could not be rendered.")


def _passing(code: str, message: str) -> RenderFailure:
    return RenderFailure(code, message, final=False)
