"""When a delivery that failed is tried again, and when no more."""

from __future__ import annotations

import email.utils
import random
from typing import Final

ATTEMPTS: Final = 36
"""At 1, 2, 4, … 2,048 seconds and then hourly these take a day."""

LONGEST_PAUSE: Final = 3600.0
_JITTER: Final = 0.2


def pause(attempt: int, asked: float | None, jitter: float) -> float:
    """Seconds to wait behind so many attempts in vain.

    `asked` is what the receiver asked for; never less than that, up to the longest pause. `jitter`,
    from 0 to 1, spreads those who would otherwise all come back at once.
    """
    backoff = min(2.0 ** min(attempt - 1, 32), LONGEST_PAUSE) * (1 - _JITTER + 2 * _JITTER * jitter)
    return max(backoff, min(asked or 0.0, LONGEST_PAUSE))


def new_jitter() -> float:
    return random.random()  # noqa: S311  (nothing secret)


def parse_retry_after(value: str, now: float) -> float | None:
    """Seconds from now (RFC 9110 §10.2.3); None for what is neither a number nor a date."""
    if value.isascii() and value.isdecimal():
        return float(value[:12])
    try:
        moment = email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0.0, moment - now)
