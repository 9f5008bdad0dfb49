"""Results as a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison. `least` and `most` are what the ratio of ours to theirs is meant to be."""

    what: str
    unit: str
    ours: float
    theirs: float | None
    peer: str
    least: float | None = None
    most: float | None = None

    def markdown(self) -> str:
        theirs = "" if self.theirs is None else _figure(self.theirs)
        ratio = "" if self.theirs is None else f"{self.ours / self.theirs:.2f}"
        cells = (self.what, f"{_figure(self.ours)} {self.unit}", theirs, ratio, self._meant(), self.peer)
        return f"| {' | '.join(cells)} |"

    def _meant(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"≤ {self.most:g}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


HEAD = "| what | Darkroom | peer | ratio | meant | peer is |\n|---|---|---|---|---|---|"


def table(rows: list[Row]) -> str:
    return "\n".join((HEAD, *(row.markdown() for row in rows)))
