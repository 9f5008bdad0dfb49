"""`darkroom verify-rendition`: whether renditions come out again as they are."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from gql.commands.command import DONE, FAILED, Arguments, Commands, WrongUse, add_command
from gql.commands.output import print_json, printable
from infrastructure.pixels.environment import LARGEST_SIDE, prepare, verify
from infrastructure.settings import Settings
from infrastructure.sqlite.log_file import LogFile, open_log

if TYPE_CHECKING:
    from infrastructure.verification.renditions import Checked, RenditionCheck


def add_to(commands: Commands) -> None:
    parser = add_command(
        commands,
        "verify-rendition",
        _verify,
        "make renditions again as the log asks for them, and compare them with what is there",
        "Bytes are compared, else pixels. One that was made by another engine is told, and is not wrong. "
        "It works beside a server too.",
    )
    parser.add_argument(
        "ids", nargs="*", metavar="ID", help="of an image (all that was made of it), or of a rendition"
    )
    parser.add_argument("--all", action="store_true", help="of all images")
    parser.add_argument("--json", action="store_true", help="one JSON object for each rendition")


def _verify(arguments: Arguments, settings: Settings) -> int:
    if bool(arguments.ids) == arguments.all:
        raise WrongUse("Name images or renditions by their ids, or say --all.")
    with open_log(settings.data) as log:
        prepare(settings.max_pixels, LARGEST_SIDE)
        from infrastructure.verification.renditions import WRONG  # noqa: PLC0415  (OpenCV reads its limits at import)

        verify(settings.max_pixels)
        counts: Counter[str] = Counter()
        for checked in _checked(log, arguments, settings):
            _print(checked, json=arguments.json)
            counts[checked.verdict] += 1
    told = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items())) or "none"
    print(f"Renditions: {told}.", file=sys.stderr)
    return FAILED if counts.keys() & WRONG else DONE


def _checked(log: LogFile, arguments: Arguments, settings: Settings) -> Iterator[Checked]:
    """Raises InvalidId and NotFound."""
    from infrastructure.pixels.executor import DirectExecutor  # noqa: PLC0415
    from infrastructure.verification.renditions import RenditionCheck  # noqa: PLC0415

    check = RenditionCheck(settings.data, log, DirectExecutor())
    if arguments.all:
        return chain.from_iterable(map(check.check, check.images()))
    return chain.from_iterable(_named(check, name) for name in arguments.ids)


def _named(check: RenditionCheck, name: str) -> Iterator[Checked]:
    from gql.schema.ids import parse_image_id, parse_rendition_id  # noqa: PLC0415

    rendition = parse_rendition_id(name)
    return check.check(parse_image_id(name)) if rendition is None else check.check(*rendition)


def _print(checked: Checked, *, json: bool) -> None:
    from gql.schema.ids import rendition_global_id  # noqa: PLC0415

    name = rendition_global_id(checked.image_id, checked.rendition_id)
    if json:
        print_json({"rendition": name, **_as_json(checked)})
        return
    changed = ", ".join(f"{library} {then} -> {now}" for library, (then, now) in checked.versions.items())
    told = (checked.message, f"Versions: {changed}." if changed else "")
    print(printable(" ".join((f"{name}: {checked.verdict}.", *filter(None, told)))))


def _as_json(checked: Checked) -> dict[str, Any]:
    """A number that JSON has not is null: nothing differs."""
    found = checked.difference
    return {
        "verdict": checked.verdict,
        "message": checked.message,
        "versions": checked.versions,
        "most": None if found is None else found.most,
        "psnr": None if found is None or math.isinf(found.psnr) else found.psnr,
    }
