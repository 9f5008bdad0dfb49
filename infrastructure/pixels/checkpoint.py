"""Where work that nobody waits for any more ends: between two steps of a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_is_needless: Final[ContextVar[Callable[[], bool] | None]] = ContextVar("is_needless", default=None)


class Superseded(BaseException):
    """The work was ended at a checkpoint. No Exception: those say what is wrong with a picture."""


def checkpoint() -> None:
    """Raises Superseded where the work of this thread has become needless."""
    is_needless = _is_needless.get()
    if is_needless is not None and is_needless():
        raise Superseded


@contextmanager
def watched(is_needless: Callable[[], bool]) -> Iterator[None]:
    """Work of this thread that ends at its next checkpoint once this is true."""
    before = _is_needless.set(is_needless)
    try:
        yield
    finally:
        _is_needless.reset(before)
