"""Decodes every file of a folder with OpenCV, in a process of its own that may take little and die.

`python -m tests.infrastructure.gate.decoding FLAGS FILE...` prints a line of JSON for each file: its name,
and width and height of what was decoded, or null.
"""

import json
import os
import resource
import sys
from pathlib import Path

MEMORY = 4 << 30
SECONDS = 60


def main(flags: int, paths: list[Path]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # OpenCV reads both when it is imported, and never again.
    os.environ |= {"OPENCV_IO_MAX_IMAGE_PIXELS": "50000000", "OPENCV_LOG_LEVEL": "OFF"}
    for path in paths:
        print(json.dumps([path.name, decoded(path, flags)]), flush=True)


def decoded(path: Path, flags: int) -> list[int] | None:
    import cv2  # noqa: PLC0415  # not before the environment is right
    import numpy as np  # noqa: PLC0415

    picture = cv2.imdecode(np.fromfile(path, np.uint8), flags)
    return None if picture is None else [picture.shape[1], picture.shape[0]]


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
