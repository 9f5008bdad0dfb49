"""The hash chain."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infrastructure.log.chain import GENESIS, Row, first_break, link

ROW = Row(1, "image-1", 1, bytes(16), "ImageDeleted", 1, 10, "c", "c", "", "actor", "owner", "{}")


def chain(rows: list[Row]) -> list[tuple[Row, bytes]]:
    linked: list[tuple[Row, bytes]] = []
    previous = GENESIS
    for row in rows:
        previous = link(previous, row)
        linked.append((row, previous))
    return linked


ROWS = [ROW._replace(position=n, version=n, payload=f'{{"n":{n}}}') for n in range(1, 6)]


def test_an_untouched_chain_is_whole() -> None:
    """From its beginning, or from any hash on."""
    linked = chain(ROWS)
    assert first_break(linked) is None
    assert first_break(linked[2:], previous=linked[1][1], after=2) is None
    assert first_break([]) is None


@given(st.integers(0, 4), st.sampled_from(Row._fields))
def test_a_change_of_any_column_is_found_where_it_is(place: int, column: str) -> None:
    """Every column goes into the hash."""
    linked = chain(ROWS)
    row, digest = linked[place]
    other: Any = {int: 99, str: "other", bytes: bytes(15) + b"x"}[type(getattr(row, column))]
    linked[place] = (row._replace(**{column: other}), digest)
    assert first_break(linked) == place + 1


def test_a_missing_event_is_found() -> None:
    """And so are two that changed places."""
    linked = chain(ROWS)
    assert first_break([*linked[:2], *linked[3:]]) == 3
    assert first_break([linked[0], linked[2], linked[1], *linked[3:]]) == 2


def test_no_two_rows_are_written_alike() -> None:
    """Moving a letter from one column to the next is a change."""
    one = ROW._replace(actor="ab", owner="c")
    two = ROW._replace(actor="a", owner="bc")
    assert link(GENESIS, one) != link(GENESIS, two)
