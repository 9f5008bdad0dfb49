"""Everything Darkroom may refuse, with a code that never changes.

* Refusal
  * InvalidInput           the request is wrong and stays wrong
    * UnknownName          a name that is not in a catalogue; the nearest known one is suggested
    * InvalidCursor        a cursor that this store never issued
    * TargetNotAllowed     an address that Darkroom connects to for nobody
  * NotFound               the thing asked for is not there
    * Erased               it was there and is gone for good
  * Conflict               right in itself, but the state has moved on
    * VersionConflict      the stream is not at the version expected
    * CommandReused        a command id seen before, with another body
    * NothingToUndo, NothingToRedo, NothingToRollBack
    * AlreadyClaimed       a value that must be unique belongs to another stream
    * TooManyWebhooks
  * UnacceptableFile       bytes that Darkroom will not keep
    * FileEmpty, FileTooLarge, UnsupportedType, DamagedFile, ImageTooLarge, ImageTooComplex
  * NotRendered            a fault of ours, which is in the log of the server
  * Quarantined            a picture that has ended those who worked on it
  * Unavailable            try again later, nothing was done
    * Busy, StorageFull, ShuttingDown, WorkerDied, TooSlow

A refusal knows its code, a message a person can act on, and the input field it is about; it
knows nothing of HTTP or GraphQL. Codes are public: programs match on them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class Refusal(Exception):
    """A request that was understood and is not carried out."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(Refusal):
    code = "INVALID_INPUT"


class UnknownName(InvalidInput):
    code = "UNKNOWN_NAME"

    def __init__(self, kind: str, name: str, known: Iterable[str], *, field: str | None = None) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name[:100], names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(names) or 'none'}."
        super().__init__(f"There is no {kind} named {name[:100]!r}.{hint}", field=field)


class InvalidCursor(InvalidInput):
    code = "INVALID_CURSOR"


class TargetNotAllowed(InvalidInput):
    code = "TARGET_NOT_ALLOWED"


class NotFound(Refusal):
    code = "NOT_FOUND"


class Erased(NotFound):
    code = "ERASED"


class Conflict(Refusal):
    code = "CONFLICT"


class VersionConflict(Conflict):
    code = "VERSION_CONFLICT"

    def __init__(self, stream: str, *, expected: str, current: int) -> None:
        super().__init__(f"Expected {expected} of {stream}; it is at version {current}.")
        self.stream = stream
        self.current = current


class NothingToUndo(Conflict):
    code = "NOTHING_TO_UNDO"


class NothingToRedo(Conflict):
    code = "NOTHING_TO_REDO"


class NothingToRollBack(Conflict):
    code = "NOTHING_TO_ROLL_BACK"


class CommandReused(Conflict):
    code = "COMMAND_ID_REUSED"

    def __init__(self) -> None:
        super().__init__(
            "This commandId was used for a different command. Use a fresh one for each command.",
            field="commandId",
        )


class AlreadyClaimed(Conflict):
    code = "ALREADY_CLAIMED"

    def __init__(self, scope: str, holder: str) -> None:
        super().__init__(f"The {scope} belongs to {holder} already.")
        self.scope = scope
        self.holder = holder


class TooManyWebhooks(Conflict):
    code = "TOO_MANY_WEBHOOKS"


class UnacceptableFile(Refusal):
    code = "UNACCEPTABLE_FILE"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


class FileEmpty(UnacceptableFile):
    code = "FILE_EMPTY"


class FileTooLarge(UnacceptableFile):
    code = "FILE_TOO_LARGE"


class UnsupportedType(UnacceptableFile):
    code = "UNSUPPORTED_TYPE"


class DamagedFile(UnacceptableFile):
    code = "DAMAGED_FILE"


class ImageTooLarge(UnacceptableFile):
    code = "IMAGE_TOO_LARGE"


class ImageTooComplex(UnacceptableFile):
    code = "IMAGE_TOO_COMPLEX"


class NotRendered(Refusal):
    code = "RENDER_FAILED"


class Quarantined(Refusal):
    code = "QUARANTINED"


class Unavailable(Refusal):
    code = "UNAVAILABLE"
    retry_after: ClassVar[int] = 1
    """Seconds after which it is worth asking again."""


class Busy(Unavailable):
    code = "BUSY"


class StorageFull(Unavailable):
    code = "STORAGE_FULL"
    retry_after = 60


class ShuttingDown(Unavailable):
    code = "SHUTTING_DOWN"
    retry_after = 5


class WorkerDied(Unavailable):
    """The process that worked on a picture, and no more than that one."""

    code = "WORKER_DIED"


class TooSlow(Unavailable):
    code = "TOO_SLOW"
