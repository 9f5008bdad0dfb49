"""The libraries that pixels are worked on with."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from infrastructure.pixels.versions import library_versions

CODECS = ("libjpeg-turbo", "libpng", "libwebp", "libavif", "libtiff", "zlib")


def test_every_codec_is_told_with_its_version() -> None:
    """A build of OpenCV that says it otherwise is noticed here."""
    versions = library_versions()
    assert (versions["OpenCV"], versions["NumPy"]) == (cv2.__version__, np.__version__)
    assert all(any(c.isdigit() for c in versions[name]) for name in CODECS), versions


def test_what_opencv_was_built_without_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than with a version that nobody knows."""
    monkeypatch.setattr(
        cv2, "getBuildInformation", lambda: "  Media I/O:\n    PNG:    /usr/lib/libpng.so (ver 1.6.58)\n"
    )
    assert library_versions.__wrapped__().keys() == {"OpenCV", "NumPy", "libpng"}
