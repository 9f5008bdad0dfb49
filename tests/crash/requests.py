"""What the clients ask; each request can be asked again, and is the same request then."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from tests.crash.pictures import Pictures, text
from tests.server import Client, Data

CHANGE: Final = """
    mutation ($input: %s!) {
        answer: %s(input: $input) { image { id } position userErrors { code message } }
    }
"""


class Answer(NamedTuple):
    """What a client was told; `code` is None where it was not refused."""

    image_id: str | None
    duplicate: bool
    position: str | None
    code: str | None

    @classmethod
    def of(cls, payload: Data) -> Answer:
        image, errors = payload["image"], payload["userErrors"]
        assert (image is None) == bool(errors), payload
        return cls(
            image["id"] if image else None,
            payload.get("duplicate", False),
            payload["position"],
            errors[0]["code"] if errors else None,
        )


class Fault(Enum):
    """What is wrong with an upload, and the code that it is refused with."""

    NO_PICTURE = "UNSUPPORTED_TYPE"
    CUT_SHORT = "DAMAGED_FILE"
    UNKNOWN_PRESET = "UNKNOWN_NAME"


@dataclass(frozen=True)
class Upload:
    """The picture of a number, under a name that follows from it."""

    pictures: Pictures = field(repr=False)
    number: int
    command_id: str | None
    fault: Fault | None = None

    @property
    def name(self) -> str:
        return f"picture {self.number}"

    @property
    def content(self) -> bytes:
        match self.fault:
            case Fault.NO_PICTURE:
                return text(self.number)
            case Fault.CUT_SHORT:
                picture = self.pictures.make(self.number)
                return picture[: len(picture) // 2]
            case _:
                return self.pictures.make(self.number)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    async def ask(self, client: Client) -> Answer:
        wanted: dict[str, object] = {} if self.command_id is None else {"commandId": self.command_id}
        if self.fault is Fault.UNKNOWN_PRESET:
            wanted["presets"] = ["thumbnail", "postcard"]
        return Answer.of(await client.upload(self.content, self.name, **wanted))


@dataclass(frozen=True)
class Change:
    """`mutation` is describeImage, deleteImage or restoreImage; `values` go into its input."""

    mutation: str
    image_id: str
    command_id: str
    values: Mapping[str, object] = field(default_factory=dict)

    async def ask(self, client: Client) -> Answer:
        document = CHANGE % (f"{self.mutation[0].upper()}{self.mutation[1:]}Input", self.mutation)
        wanted = {"id": self.image_id, "commandId": self.command_id, **self.values}
        return Answer.of((await client.query(document, input=wanted))["answer"])


Request: TypeAlias = Upload | Change
