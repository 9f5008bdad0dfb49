"""Payloads of earlier versions, brought up to the present one.

An upcaster is a pure function from the data of one version of an event to the data of the next. They
are chained, so that each is written once and never again touched: whatever a log holds is read as the
class of today. They see personal values opened; those whose key is gone are missing, and must stay so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from domain.events import WireName

Data: TypeAlias = dict[str, Any]
"""The fields of an event as JSON has them."""

Upcaster: TypeAlias = Callable[[Data], Data]

UPCASTERS: Final[Mapping[WireName, Upcaster]] = {}
"""By the name and version that they start from. Nothing that was released needs one yet."""


def upcast(data: Data, written: WireName, present: int, upcasters: Mapping[WireName, Upcaster]) -> Data:
    """The data of one version as the data of the present one."""
    for version in range(written.version, present):
        data = upcasters[WireName(written.name, version)](data)
    return data


def readable(present: WireName, upcasters: Mapping[WireName, Upcaster]) -> range:
    """The versions of an event that can be read, up to the present one."""
    first = present.version
    while WireName(present.name, first - 1) in upcasters:
        first -= 1
    return range(first, present.version + 1)
