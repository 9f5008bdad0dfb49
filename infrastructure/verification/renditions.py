"""Whether renditions come out again as they are: made anew as the log asks for them, and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from domain.errors import DamagedFile, NotFound, Refusal
from domain.events import (
    ImageErased,
    ImagePurged,
    ImageUploaded,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.header import ImageHeader, MediaType
from domain.image import image_stream
from domain.operations.catalogue import Pixels, announced_size
from domain.output import Output
from domain.ports.log import RecordedEvent
from domain.recipe import Recipe
from domain.rendering import rendering_stream
from domain.rendition import ENGINE
from infrastructure.content.digest import content_path
from infrastructure.pixels.codec import decode
from infrastructure.pixels.difference import Difference, difference
from infrastructure.pixels.executor import Executor
from infrastructure.pixels.tasks import Encoded, Render
from infrastructure.pixels.versions import library_versions
from infrastructure.sqlite.log_file import LogFile


class Verdict(StrEnum):
    SAME_BYTES = "same bytes"
    SAME_PIXELS = "same pixels"
    """Written otherwise, and shown alike."""

    OTHER_ENGINE = "other engine"
    """Made by another version of Darkroom's operations, which is not here to make it again."""

    DIFFERENT = "different"
    MISSING = "missing"
    """It, or its original, is not there or not what was written."""

    FAILED = "failed"
    """It could not be made again."""


WRONG: Final = frozenset({Verdict.DIFFERENT, Verdict.MISSING, Verdict.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`versions`: of libraries that are not what they were: then and now, None where unknown."""

    image_id: str
    rendition_id: str
    verdict: Verdict
    message: str = ""
    versions: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class _Rendering:
    """`attempts`: the commands that began them, in order."""

    request: RenderingRequested
    attempts: tuple[str, ...]
    finished: RenderingFinished | None


class _Made(NamedTuple):
    request: RenderingRequested
    finished: RenderingFinished


_Requests: TypeAlias = Mapping[str, tuple[Recipe, Output]]


class RenditionCheck:
    """Reads the log and the content of a data folder, whether a server has them open or not."""

    def __init__(self, folder: Path, log: LogFile, executor: Executor) -> None:
        self._content = folder / "content"
        self._log = log
        self._executor = executor

    def images(self) -> Iterator[str]:
        """The ids of all images that there ever were."""
        prefix = image_stream("")
        return (stream.removeprefix(prefix) for stream in self._log.streams(prefix))

    def check(self, image_id: str, rendition_id: str | None = None) -> Iterator[Checked]:
        """All renditions of an image that were made, or one of them. Nothing is left of a purged image.

        Raises NotFound where there is no such image or rendition.
        """
        past = self._log.stream(image_stream(image_id))
        if not past or not isinstance(past[0].event, ImageUploaded):
            raise NotFound(f"There is no image {image_id}.")
        renderings = self._renderings(image_id)
        wanted = [each for each in renderings if rendition_id in {None, each.request.rendition_id}]
        if rendition_id is not None and not any(each.finished for each in wanted):
            raise NotFound(f"The image {image_id} has no rendition {rendition_id} that was made.")
        for each in wanted:
            if each.finished is None or self._is_purged(image_id):
                continue
            made = _Made(each.request, each.finished)
            checked = self._checked(past[0].event, made, _company(each, renderings))
            if checked.verdict is not Verdict.MISSING or not self._is_purged(image_id):
                yield checked

    def _renderings(self, image_id: str) -> list[_Rendering]:
        streams = self._log.streams(rendering_stream(image_id, ""))
        found = (_rendering(self._log.stream(stream)) for stream in streams)
        return [each for each in found if each is not None]

    def _is_purged(self, image_id: str) -> bool:
        """By now: a server may be at work."""
        return any(
            isinstance(each.event, ImagePurged | ImageErased)
            for each in self._log.stream(image_stream(image_id))
        )

    def _checked(self, upload: ImageUploaded, made: _Made, company: _Requests) -> Checked:
        if made.request.engine != ENGINE:
            message = f"Made by engine {made.request.engine}; this is engine {ENGINE}."
            return _verdict(made, Verdict.OTHER_ENGINE, message)
        stored = self._read(made.finished.sha256)
        if stored is None:
            return _verdict(made, Verdict.MISSING, "Its bytes are not there, or not what was written.")
        original = self._read(upload.sha256)
        if original is None:
            return _verdict(made, Verdict.MISSING, "Its original is not there, or not what was uploaded.")
        again = self._again(original, upload, made, company)
        return again if isinstance(again, Checked) else _compared(made, stored, again)

    def _again(
        self, original: bytes, upload: ImageUploaded, made: _Made, company: _Requests
    ) -> Encoded | Checked:
        header = ImageHeader(
            upload.media_type, upload.width, upload.height, upload.frames, upload.orientation
        )
        requests = {name: each for name, each in company.items() if _applicable(each[0], header)}
        renditions = self._executor.execute(Render(header, requests), BytesIO(original))
        rendition_id = made.request.rendition_id
        if rendition_id in renditions.made:
            return renditions.made[rendition_id]
        failure = renditions.failed.get(rendition_id)
        message = "Its recipe cannot be applied." if failure is None else failure.message
        return _verdict(made, Verdict.FAILED, message)

    def _read(self, sha256: str) -> bytes | None:
        """None for what is not there, or is not what its name says."""
        try:
            content = content_path(self._content, sha256).read_bytes()
        except FileNotFoundError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None


def _rendering(recorded: Sequence[RecordedEvent]) -> _Rendering | None:
    """None where it was requested in a form that only a newer Darkroom knows."""
    events = [each.event for each in recorded]
    request = next((event for event in events if isinstance(event, RenderingRequested)), None)
    if request is None:
        return None
    attempts = tuple(each.command_id for each in recorded if isinstance(each.event, RenderingStarted))
    last = events[-1]
    return _Rendering(request, attempts, last if isinstance(last, RenderingFinished) else None)


def _company(made: _Rendering, renderings: Sequence[_Rendering]) -> _Requests:
    """All whose making was begun in one go with it: what an original is decoded to depends on all of them."""
    return {
        each.request.rendition_id: (each.request.recipe, each.request.output)
        for each in renderings
        if made.attempts[-1] in each.attempts
    }


def _applicable(recipe: Recipe, header: ImageHeader) -> bool:
    try:
        announced_size(recipe, header.shown_size)
    except Refusal:
        return False
    return True


def _compared(made: _Made, stored: bytes, again: Encoded) -> Checked:
    if hashlib.sha256(again.content).hexdigest() == made.finished.sha256:
        return _verdict(made, Verdict.SAME_BYTES)
    try:
        pixels = _pixels(stored, made.finished.media_type, made.finished.width, made.finished.height)
        now = _pixels(again.content, again.media_type, again.width, again.height)
    except DamagedFile as damaged:
        return _verdict(made, Verdict.FAILED, damaged.message)
    found = difference(pixels, now)
    if found is None:
        return _verdict(made, Verdict.DIFFERENT, f"It is now {again.width} x {again.height} pixels.")
    if not found.most:
        return _verdict(made, Verdict.SAME_PIXELS, "Its bytes are others.", found)
    message = f"Samples differ by at most {found.most}; {found.psnr:.1f} dB."
    return _verdict(made, Verdict.DIFFERENT, message, found)


def _pixels(content: bytes | memoryview, media_type: MediaType, width: int, height: int) -> Pixels:
    return decode(bytes(content), ImageHeader(media_type, width, height))


def _verdict(made: _Made, verdict: Verdict, message: str = "", found: Difference | None = None) -> Checked:
    then, now = made.finished.made_with, library_versions()
    changed = {name: (then.get(name), now.get(name)) for name in dict.fromkeys((*then, *now))}
    return Checked(
        image_id=made.request.image_id,
        rendition_id=made.request.rendition_id,
        verdict=verdict,
        message=message,
        versions={name: each for name, each in changed.items() if then and each[0] != each[1]},
        difference=found,
    )
