"""Which libraries pixels are worked on with, here and now."""

import re
from functools import cache
from typing import Final

import cv2
import numpy as np

_LIBRARIES: Final = {
    "zlib": "ZLib",
    "libjpeg-turbo": "JPEG",
    "libwebp": "WEBP",
    "libavif": "AVIF",
    "libpng": "PNG",
    "libtiff": "TIFF",
}
"""By their names, what OpenCV's build information calls them."""


@cache
def library_versions() -> dict[str, str]:
    """Of OpenCV, of the codecs it was built with as it tells them, and of NumPy. To be read, not changed."""
    told = cv2.getBuildInformation()
    codecs = {name: _version(told, line) for name, line in _LIBRARIES.items()}
    known = {name: version for name, version in codecs.items() if version is not None}
    return {"OpenCV": cv2.__version__, "NumPy": np.__version__, **known}


def _version(told: str, line: str) -> str | None:
    """`    AVIF:      avif (ver 1.4.2)` is 1.4.2; None where OpenCV was built without it."""
    found = re.search(rf"^ +{line}: +.*\(ver (.+)\)$", told, re.MULTILINE)
    return None if found is None else found[1]
