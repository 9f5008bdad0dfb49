"""Where the files of a multipart request belong among its variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import setitem
from typing import Final

import msgspec

from gql.errors import RequestError
from gql.http.parameters import Parameters, malformed
from gql.upload import UploadedFile

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A null among the variables, to be filled once."""

    fill: Callable[[UploadedFile], None]


def read_map(content: bytes, given: Parameters, most: int) -> dict[str, list[Slot]]:
    """The slots of each file by the name of its part, from the field `map`.

    Every path is followed here, before any file is taken: it leads to a null, and no other path
    leads there. `most` is the number of slots allowed. Raises RequestError.
    """
    paths_by_file = _decoded(content)
    paths = [path for each in paths_by_file.values() for path in each]
    if len(paths) > most or len(paths_by_file) > most:
        raise _invalid(f"it has {len(paths)} places for files; the limit is {most}")
    if len(paths) != len(set(paths)):
        raise _invalid("it names a place twice")
    if not all(paths_by_file.values()):
        raise _invalid("it names a file without a place")
    return {name: [_slot(path, given.variables) for path in each] for name, each in paths_by_file.items()}


def _decoded(content: bytes) -> Mapping[str, list[str]]:
    try:
        return msgspec.json.decode(content, type=dict[str, list[str]])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise malformed("The map", error, code="MULTIPART_MAP_INVALID") from None


def _slot(path: str, variables: object) -> Slot:
    root, *steps = path.split(".")
    if root != "variables" or not steps:
        raise _invalid(f"{path[:100]!r} does not begin with `variables.`")
    value, fill = variables, None
    for step in steps:
        value, fill = _step(value, step, path)
    if value is not None or fill is None:
        raise _invalid(f"{path[:100]!r} is not null")
    return Slot(fill)


def _step(holder: object, step: str, path: str) -> tuple[object, Callable[[UploadedFile], None]]:
    """What an object has under a key or a list at an index, and how to put a file there."""
    if isinstance(holder, dict) and step in holder:
        return holder[step], partial(setitem, holder, step)
    if isinstance(holder, list) and _INDEX.fullmatch(step) and int(step) < len(holder):
        return holder[int(step)], partial(setitem, holder, int(step))
    raise _invalid(f"{path[:100]!r} does not exist")


def _invalid(reason: str) -> RequestError:
    return RequestError.because("MULTIPART_MAP_INVALID", f"The map does not fit the operations: {reason}.")
