"""When a delivery that failed is tried again."""

from __future__ import annotations

import pytest

from infrastructure.webhooks.retry import ATTEMPTS, LONGEST_PAUSE, parse_retry_after, pause

NOW = 1_800_000_000.0


def test_pauses_double_up_to_an_hour_and_take_a_day() -> None:
    """At half of the jitter they are exact."""
    pauses = [pause(attempt, None, 0.5) for attempt in range(1, ATTEMPTS)]
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[11:14] == [2048, 3600, 3600]
    assert 23 * 3600 < sum(pauses) < 25 * 3600


def test_jitter_spreads_by_a_fifth() -> None:
    """Either way."""
    assert pause(5, None, 0.0) == pytest.approx(12.8)
    assert pause(5, None, 1.0) == pytest.approx(19.2)


def test_a_receiver_may_ask_for_a_longer_pause() -> None:
    """Up to an hour; a shorter one it does not get."""
    assert pause(1, 30.0, 0.5) == 30
    assert pause(10, 30.0, 0.5) == 512
    assert pause(1, 1e12, 0.5) == LONGEST_PAUSE


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("9" * 400, 999_999_999_999),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60),
        ("Fri, 15 Jan 1999 08:01:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("Fri, 99 Jan 2027 08:01:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    """By RFC 9110 §10.2.3; everything else says nothing."""
    assert parse_retry_after(value, NOW) == seconds
