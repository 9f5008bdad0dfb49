"""Renditions, made in a pool of threads."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import cv2

from domain.errors import Refusal, Unavailable
from domain.operations.catalogue import Pixels, Size, resolve
from domain.output import Output
from domain.ports import ContentStore, Hold, Rendered, RenderFailure, RenderJob, RenderOutcome
from domain.recipe import Recipe
from infrastructure.pixels.codec import NO_MEMORY, decode, encode
from infrastructure.pixels.memory import memory
from infrastructure.pixels.plan import Calls, Plan, plan
from infrastructure.pixels.pool import Pool

log: Final = logging.getLogger("darkroom.renderer")


class ThreadRenderer:
    """The port `Renderer`: an original is read and decoded once for all renditions that a job asks for."""

    def __init__(self, pool: Pool, store: ContentStore) -> None:
        self._pool = pool
        self._store = store

    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        """Every rendition, or why not; what is wrong with one does not harm another. Raises Unavailable."""
        outcomes: dict[str, RenderOutcome] = {}
        calls: dict[str, Calls] = {}
        for name, (recipe, _) in job.requests.items():
            try:
                calls[name] = _checked(recipe, job.header.shown_size)
            except Refusal as refusal:
                outcomes[name] = _failure(refusal, name)
        if calls:
            planned = plan(job.header, calls.values())
            cost = job.byte_size + memory(job.header, planned.scale, calls.values())
            outcomes |= await self._pool.run(self._work, job, planned, calls, hold, cost=cost)
        return outcomes

    def _work(
        self, job: RenderJob, planned: Plan, calls: Mapping[str, Calls], hold: Hold
    ) -> dict[str, RenderOutcome]:
        try:
            pixels = self._decoded(job, planned)
        except Exception as error:
            return dict.fromkeys(calls, _failure(error, job.original))
        return {
            name: _rendition(name, partial(planned.apply, steps, pixels), job.requests[name][1], hold)
            for name, steps in calls.items()
        }

    def _decoded(self, job: RenderJob, planned: Plan) -> Pixels:
        with self._store.open(job.original) as file:
            return decode(file.read(), job.header, scale=planned.scale, gray=planned.gray)


def _rendition(name: str, render: Callable[[], Pixels], output: Output, hold: Hold) -> RenderOutcome:
    """Write what is rendered. Nothing raised here reaches the other renditions."""
    try:
        pixels = render()
        height, width = pixels.shape[:2]
        content = encode(pixels, output)
        return Rendered(
            sha256=hold.put(content),
            byte_size=content.nbytes,
            media_type=output.media_type,
            width=width,
            height=height,
        )
    except Exception as error:
        return _failure(error, name)


def _checked(recipe: Recipe, size: Size) -> Calls:
    """Raises Refusal where the recipe cannot be applied to a picture of this size."""
    calls = resolve(recipe)
    for call in calls:
        size = call.announced(size)
    return calls


def _failure(error: Exception, subject: str) -> RenderFailure:
    """What people are told of an error. It is final where the same would happen again."""
    match error:
        case Refusal():
            return RenderFailure(error.code, error.message, final=not isinstance(error, Unavailable))
        case MemoryError():
            return _passing("OUT_OF_MEMORY", "The server did not have the memory for this picture.")
        case cv2.error() if error.code == NO_MEMORY:
            return _passing("OUT_OF_MEMORY", "The server did not have the memory for this picture.")
        case OSError():
            log.error("rendering %s: %s", subject, error)
            return _passing("STORAGE_FAILED", "The server could not read the original or store the result.")
        case _:
            log.error("rendering %s", subject, exc_info=error)
            return _passing("RENDER_FAILED", "The picture could not be rendered.")


def _passing(code: str, message: str) -> RenderFailure:
    return RenderFailure(code, message, final=False)
