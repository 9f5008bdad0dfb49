"""`make fuzz`: broken files through the gate, and what passes through the decoder.

    python -m tests.fuzz [--count 100000] [--seed N]

The gate raises nothing but its refusal. The decoder gives the size that the gate announced, or says that
the file is damaged. The number in work is kept in a file, so that it is known which one took the process
down; `--only NUMBER` does that one alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from infrastructure.pixels.environment import LARGEST_SIDE, prepare

LIMIT: Final = 1_000_000
"""Pixels; those of the files have far fewer, and a mutation that claims more is refused."""

prepare(LIMIT, LARGEST_SIDE)

from domain.errors import DamagedFile, UnacceptableFile  # noqa: E402  (OpenCV reads its limits at import)
from infrastructure.gate import Limits, inspect  # noqa: E402
from infrastructure.pixels.codec import decode  # noqa: E402
from tests.fuzz.mutation import broken  # noqa: E402


def fate(data: bytes) -> str:
    """What becomes of a file: refused, damaged or decoded. Whatever else is raised is a finding."""
    try:
        header = inspect(data, Limits(pixels=LIMIT))
    except UnacceptableFile:
        return "refused"
    try:
        pixels = decode(data, header)
    except DamagedFile:
        return "damaged"
    if (pixels.shape[1], pixels.shape[0]) != header.shown_size:
        raise AssertionError(f"decoded {pixels.shape}, announced {header.shown_size}")
    return "decoded"


def main() -> None:
    arguments = _arguments()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # libjpeg and libpng tell of each fault
    numbers = range(arguments.count) if arguments.only is None else [arguments.only]
    fates: Counter[str] = Counter()
    findings: list[str] = []
    for number in numbers:
        if arguments.at is not None:
            arguments.at.write_text(str(number))
        try:
            fates[fate(broken(arguments.seed, number))] += 1
        except Exception as error:
            findings.append(f"{number}: {type(error).__name__}: {error}")
    json.dump({"seed": arguments.seed, "fates": fates, "findings": findings}, sys.stdout)
    print()
    sys.exit(bool(findings))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one file")
    parser.add_argument("--at", type=Path, help="a file for the number in work")
    return parser.parse_args()


if __name__ == "__main__":
    main()
