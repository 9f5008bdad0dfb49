"""What the clients were promised, which must hold whatever happens to the server."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.crash.requests import Answer, Change, Request, Upload


@dataclass
class Expected:
    """An image as its one client knows it."""

    sha256: str
    byte_size: int
    name: str
    description: str = ""
    tags: frozenset[str] = frozenset()
    deleted: bool = False


@dataclass
class Book:
    """Every request is in one place here: in the air, forgotten, refused, or answered."""

    images: dict[str, Expected] = field(default_factory=dict)
    answered: dict[str, tuple[Request, Answer]] = field(default_factory=dict)
    """By command id; those whose repetition has to be answered the same."""

    in_the_air: list[Request] = field(default_factory=list)
    """Asked, and not answered so far."""

    forgotten: list[Upload] = field(default_factory=list)
    """In the air when the server was killed, and never asked again: done as a whole, or not at all."""

    refused: list[Request] = field(default_factory=list)
    repeated: int = 0

    @property
    def uncertain(self) -> set[str]:
        """Images that a request without an answer may have changed or not; an upload of bytes that are there
        brings their image back."""
        changes = {request.image_id for request in self.in_the_air if isinstance(request, Change)}
        unanswered = [*self.in_the_air, *self.forgotten]
        uploads = {request.sha256 for request in unanswered if isinstance(request, Upload)}
        return changes | {key for key, image in self.images.items() if image.sha256 in uploads}

    def take(self, request: Request, answer: Answer) -> None:
        """A request was answered: from now on what it said is true."""
        self.in_the_air.remove(request)
        if answer.code is not None:
            self.refused.append(request)
            return
        if request.command_id is not None:
            self.answered[request.command_id] = (request, answer)
        assert answer.image_id is not None
        if isinstance(request, Upload):
            self._uploaded(request, answer.image_id)
        else:
            self._changed(request, self.images[answer.image_id])

    def forget(self, upload: Upload) -> None:
        self.in_the_air.remove(upload)
        self.forgotten.append(upload)

    def _uploaded(self, upload: Upload, image_id: str) -> None:
        content = upload.content
        fresh = Expected(upload.sha256, len(content), upload.name)
        image = self.images.setdefault(image_id, fresh)
        assert image.sha256 == upload.sha256
        image.deleted = False

    def _changed(self, change: Change, image: Expected) -> None:
        match change.mutation:
            case "deleteImage":
                image.deleted = True
            case "restoreImage":
                image.deleted = False
            case _:
                image.name = str(change.values["name"])
                image.description = str(change.values["description"])
                tags = change.values["tags"]
                assert isinstance(tags, list)
                image.tags = frozenset(tags)
