"""Write the corpus to a folder: `python -m tests.nasty OUTDIR [--seed N] [--big]`."""

import argparse
from pathlib import Path

from tests.nasty import corpus


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.nasty", description="Write hostile image files to a folder.")
    parser.add_argument("out", type=Path, help="the folder; a manifest.json is written beside the files")
    parser.add_argument("--seed", type=int, default=corpus.SEED, help="other noise, other damage")
    parser.add_argument("--big", action="store_true", help="files of up to 25 MiB too")
    chosen = parser.parse_args()
    cases = corpus.build(chosen.seed, big=chosen.big)
    corpus.write(cases, chosen.out, seed=chosen.seed, big=chosen.big)
    size = sum(len(case.data) for case in cases)
    print(f"{len(cases)} files, {size:,} bytes, corpus digest {corpus.digest(cases)[:16]}")


if __name__ == "__main__":
    main()
