"""Failures of tasks as refusals, for those who wait for one result."""

from __future__ import annotations

from typing import Final, TypeVar

from domain.errors import DamagedFile, InvalidInput, NotRendered, Refusal, Unavailable
from domain.ports.rendering import RenderFailure

T = TypeVar("T")

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    kind.code: kind for kind in (DamagedFile, InvalidInput, NotRendered)
}


def checked(result: T | RenderFailure) -> T:
    """Raises what a failure says; Unavailable for what may pass."""
    if not isinstance(result, RenderFailure):
        return result
    raise _REFUSALS.get(result.code, Unavailable)(result.message)
