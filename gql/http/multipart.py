"""GraphQL requests with files: the multipart request specification of Jayden Seric, streamed.

The order of the parts is that of the specification, and is insisted on: `operations`, `map`, then
the files. So the operation is known and checked before the first byte of a file is taken.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from domain.errors import FileTooLarge
from domain.ports.content import ContentStore, Staged, Staging
from gql.errors import RequestError
from gql.http import parameters
from gql.http.body import Body
from gql.http.parts import Part, Parts
from gql.http.slots import Slot, read_map
from gql.limits import Limits
from gql.upload import UploadedFile


class UploadForm:
    """One multipart request. Raises RequestError on whatever the specification does not allow."""

    def __init__(self, body: Body, boundary: str, limits: Limits) -> None:
        self._parts = Parts(body, boundary, limits.files + 2)
        self._limits = limits
        self._slots: dict[str, list[Slot]] = {}

    async def operations(self) -> parameters.Parameters:
        """What is to be executed; its variables are null where the files will be."""
        given = parameters.from_json(await self._field("operations"))
        self._slots = read_map(await self._field("map"), given, self._limits.files)
        return given

    async def receive_files(self, store: ContentStore, stagings: AsyncExitStack) -> None:
        """Stage every file, and put it into the variables given by `operations`.

        The files are gone when `stagings` is left, unless the store was told to keep them. Raises
        FileTooLarge, and what the store raises.
        """
        waiting = dict(self._slots)
        while (part := await self._parts.next()) is not None:
            slots = waiting.pop(part.name, None)
            if slots is None or part.filename is None:
                raise _unexpected(part, mapped=slots is not None)
            staged = await self._stage(await stagings.enter_async_context(store.stage()))
            for slot in slots:
                slot.fill(UploadedFile(part.filename, part.media_type, staged))
        if waiting:
            message = f"The map names the file {min(waiting)[:100]!r}, which was not sent."
            raise RequestError.because("MULTIPART_FILE_MISSING", message)

    async def _field(self, name: str) -> bytes:
        part = await self._parts.next()
        if part is None or part.name != name or part.filename is not None:
            found = "the end" if part is None else repr(part.name[:100])
            message = (
                f"The parts are 'operations', 'map' and then the files: {found} is where {name!r} belongs."
            )
            raise RequestError.because(f"MULTIPART_{name.upper()}_MISSING", message)
        return await self._parts.field(self._limits.body_bytes)

    async def _stage(self, staging: Staging) -> Staged:
        size = 0
        while (piece := await self._parts.piece()) is not None:
            size += len(piece)
            if size > self._limits.file_bytes:
                raise FileTooLarge(f"The file is larger than {self._limits.file_bytes} bytes.")
            await staging.write(piece)
        return await staging.finish()


def _unexpected(part: Part, *, mapped: bool) -> RequestError:
    reason = "has no file name" if mapped else "is not in the map, or was sent before"
    return RequestError.because("MULTIPART_FILE_UNEXPECTED", f"The part {part.name[:100]!r} {reason}.")
