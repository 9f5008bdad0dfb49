"""Names of content: the SHA-256 of the bytes, as 64 lower-case hex digits, and nothing else."""

import re
from pathlib import Path
from typing import Final

from domain.errors import NotFound

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def checked_digest(sha256: str) -> str:
    """The same text, fit to be part of a path. Raises NotFound for what was never a digest."""
    if _DIGEST.fullmatch(sha256) is None:
        raise unknown_content()
    return sha256


def content_path(content: Path, sha256: str) -> Path:
    """Where the bytes of this hash are, below the folder `content`. Raises NotFound, as above."""
    digest = checked_digest(sha256)
    return content / digest[:2] / digest


def unknown_content() -> NotFound:
    return NotFound("There is no content with this hash.")
