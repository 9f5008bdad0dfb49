"""Originals worked on: rendered, and examined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from domain.findings import Findings
from domain.header import ImageHeader, MediaType
from domain.output import Output
from domain.ports.content import Hold
from domain.ports.pending import PendingExamination
from domain.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """Several renditions of one original of so many bytes, decoded once."""

    original: str
    byte_size: int
    header: ImageHeader
    requests: Mapping[str, tuple[Recipe, Output]]
    """By rendition id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    made_with: Mapping[str, str] = field(default_factory=dict)
    """Versions of libraries, by their names."""


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """Why a rendition cannot be made. `final`: trying again would not help."""

    code: str
    message: str
    final: bool = True


RenderOutcome: TypeAlias = Rendered | RenderFailure


class Renderer(Protocol):
    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        """Every requested rendition, put into the hold, or why not. Raises Busy."""
        ...


class Examiner(Protocol):
    async def examine(self, pending: PendingExamination) -> Findings | RenderFailure:
        """What is found in an original, or why nothing. Raises Busy."""
        ...
