"""How often many are woken: never so often that nothing else gets its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

_REST_SECONDS: Final = 50e-6
"""After each round for every task that it woke. One that then writes to a socket takes about as long, so
that half of the time of the event loop is left to everything else."""


class Pace:
    """Wakes those who wait whenever there is something new, but first rests for a while after many.

    One task is woken at once. With a thousand, who would otherwise be woken for every single event,
    there are some ten rounds a second, and each of them finds all that has happened in between.

    Lives on the event loop: no method may be called from another thread.
    """

    def __init__(self, wake: Callable[[], int]) -> None:
        """`wake` answers how many it woke."""
        self._wake = wake
        self._resting = False
        self._asked = False

    def ask(self) -> None:
        if self._resting:
            self._asked = True
        elif woken := self._wake():
            self._resting = True
            # Behind all tasks that were woken now, and then behind the writing of what they had to say.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, loop.call_later, woken * _REST_SECONDS, self._rested)

    def _rested(self) -> None:
        self._resting = False
        if self._asked:
            self._asked = False
            self.ask()
