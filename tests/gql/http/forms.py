"""Multipart bodies, right and wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable

BOUNDARY = "----toy"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
UPLOAD = "mutation Upload($file: Upload!) { upload(file: $file) { filename mediaType size sha256 } }"
PREFLIGHT = {"graphql-require-preflight": "1"}


def part(disposition: str, content: bytes = b"", *headers: str) -> bytes:
    lines = [f"--{BOUNDARY}", f"Content-Disposition: form-data; {disposition}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content + b"\r\n"


def field(name: str, value: object) -> bytes:
    return part(f'name="{name}"', json.dumps(value).encode())


def file(name: str, content: bytes, filename: str = "a.png", media_type: str = "image/png") -> bytes:
    return part(f'name="{name}"; filename="{filename}"', content, f"Content-Type: {media_type}")


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def operations(query: str = UPLOAD, **variables: object) -> bytes:
    return field("operations", {"query": query, "variables": variables or {"file": None}})


def file_map(**paths: Iterable[str]) -> bytes:
    return field("map", {name.removeprefix("f"): list(each) for name, each in paths.items()})


def upload(content: bytes) -> bytes:
    """One file, as the specification has it."""
    return form(operations(), file_map(f0=["variables.file"]), file("0", content))
