"""What may be done to an image, and what becomes of it."""

from __future__ import annotations

import pytest

from domain.commands import (
    DeleteImage,
    DescribeImage,
    PurgeImage,
    QuarantineImage,
    RestoreImage,
    TagImage,
    UndoImage,
    UntagImage,
    UploadImage,
)
from domain.events import (
    ImageDeleted,
    ImageDescribed,
    ImagePurged,
    ImageQuarantined,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
)
from domain.provenance import Source
from domain.quarantine import Quarantine
from tests.domain.decider import given, image_after
from tests.examples import HEADER, uploaded

ID = "a" * 32
PERSON = Source.PERSON
UPLOAD = UploadImage(image_id=ID, sha256="c" * 64, byte_size=5, header=HEADER, name="x.jpg")


def test_an_upload_makes_an_image() -> None:
    """The first event tells all that the header told."""
    given().when(UPLOAD).then(uploaded(ID, sha256="c" * 64, byte_size=5, name="x.jpg"))


def test_an_image_is_uploaded_once() -> None:
    """A second upload under the same id is refused."""
    given(uploaded(ID)).when(UPLOAD).then_refused("CONFLICT")


@pytest.mark.parametrize(
    "command", [DescribeImage(image_id=ID), DeleteImage(image_id=ID), RestoreImage(image_id=ID)]
)
def test_nothing_can_be_done_to_an_image_that_is_not_there(
    command: DescribeImage | DeleteImage | RestoreImage,
) -> None:
    """Every command but an upload needs an image."""
    given().when(command).then_refused("NOT_FOUND")


def test_only_what_changes_is_recorded() -> None:
    """A description that says the same again leads to no event."""
    image = uploaded(ID, name="x.jpg", description="old", tags=("cat",))
    command = DescribeImage(image_id=ID, name="x.jpg", description="new", tags=("cat",))
    given(image).when(command).then(ImageDescribed(image_id=ID, source=PERSON, description="new"))


def test_tags_are_the_whole_set_wanted() -> None:
    """What is missing from the new set goes, what is new comes, what stays is not touched."""
    image = uploaded(ID, tags=("cat", "dog"))
    given(image).when(DescribeImage(image_id=ID, tags=("dog", "emu"))).then(
        ImageUntagged(image_id=ID, source=PERSON, tags=("cat",)),
        ImageTagged(image_id=ID, source=PERSON, tags=("emu",)),
    )


def test_a_name_is_never_a_path() -> None:
    """Only the last part of what looks like a path is kept."""
    given(uploaded(ID)).when(DescribeImage(image_id=ID, name="../../etc/passwd")).then(
        ImageRenamed(image_id=ID, name="passwd")
    )


def test_a_deleted_image_is_not_described() -> None:
    """It must be restored first."""
    given(uploaded(ID), ImageDeleted(image_id=ID)).when(DescribeImage(image_id=ID, name="new")).then_refused(
        "CONFLICT"
    )


def test_deleting_and_restoring_are_done_once() -> None:
    """Asked for again, there is nothing left to do."""
    given(uploaded(ID)).when(DeleteImage(image_id=ID)).then(ImageDeleted(image_id=ID))
    given(uploaded(ID), ImageDeleted(image_id=ID)).when(DeleteImage(image_id=ID)).then()
    given(uploaded(ID), ImageDeleted(image_id=ID)).when(RestoreImage(image_id=ID)).then(
        ImageRestored(image_id=ID)
    )
    given(uploaded(ID)).when(RestoreImage(image_id=ID)).then()


def test_an_image_is_what_its_events_amount_to() -> None:
    """Every kind of event leaves its mark on the state."""
    image = image_after(
        uploaded(ID, tags=("cat",)),
        ImageRenamed(image_id=ID, name="new.jpg"),
        ImageDescribed(image_id=ID, source=PERSON, description="text"),
        ImageTagged(image_id=ID, source=PERSON, tags=("dog",)),
        ImageUntagged(image_id=ID, source=PERSON, tags=("cat",)),
        ImageDeleted(image_id=ID),
    )
    assert (image.name, image.description, image.tags) == ("new.jpg", "text", ("dog",))
    assert image.deleted


def test_a_history_without_a_beginning_is_an_error() -> None:
    """An event before the upload means that the log was read wrongly."""
    with pytest.raises(ValueError, match="before ImageUploaded"):
        image_after(ImageDeleted(image_id=ID))


def test_a_machine_does_not_overwrite_a_person() -> None:
    """What a person said is shown, whatever is said later by somebody of lower rank; both are kept."""
    said = ImageDescribed(image_id=ID, source=PERSON, description="Grandmother")
    command = DescribeImage(image_id=ID, description="a woman", source=Source.MACHINE)
    event = ImageDescribed(image_id=ID, source=Source.MACHINE, description="a woman")
    given(uploaded(ID), said).when(command).then(event)
    assert image_after(uploaded(ID), said, event).description == "Grandmother"
    assert image_after(uploaded(ID), event).description == "a woman"


def test_an_empty_description_of_a_person_is_a_statement() -> None:
    """Whoever clears a description does not want the machine's in its place."""
    guess = ImageDescribed(image_id=ID, source=Source.MACHINE, description="a woman")
    cleared = ImageDescribed(image_id=ID, source=PERSON, description="")
    given(uploaded(ID), guess).when(DescribeImage(image_id=ID, description="")).then(cleared)
    assert image_after(uploaded(ID), guess, cleared).description == ""


def test_what_a_person_took_away_no_machine_brings_back() -> None:
    """But a person may."""
    removed = ImageUntagged(image_id=ID, source=PERSON, tags=("cat",))
    history = (uploaded(ID, tags=("cat",)), removed)
    given(*history).when(TagImage(image_id=ID, tags=("cat",), source=Source.EXIF)).then()
    again = ImageTagged(image_id=ID, source=PERSON, tags=("cat",))
    given(*history).when(TagImage(image_id=ID, tags=("cat",))).then(again)


def test_a_machine_takes_away_only_what_machines_gave() -> None:
    """And a person who confirms a tag makes it their own."""
    guess = ImageTagged(image_id=ID, source=Source.MACHINE, tags=("cat", "dog"))
    confirmed = ImageTagged(image_id=ID, source=PERSON, tags=("cat",))
    given(uploaded(ID), guess).when(TagImage(image_id=ID, tags=("cat",))).then(confirmed)
    untag = UntagImage(image_id=ID, tags=("cat", "dog", "emu"), source=Source.MACHINE)
    given(uploaded(ID), guess, confirmed).when(untag).then(
        ImageUntagged(image_id=ID, source=Source.MACHINE, tags=("dog",))
    )


def test_an_image_has_only_so_many_tags() -> None:
    """Adding counts what is there."""
    image = uploaded(ID, tags=tuple(f"tag {n}" for n in range(99)))
    given(image).when(TagImage(image_id=ID, tags=("a", "b"))).then_refused("INVALID_INPUT")
    given(image).when(TagImage(image_id=ID, tags=("a",))).then(
        ImageTagged(image_id=ID, source=PERSON, tags=("a",))
    )


def test_an_image_is_quarantined_once() -> None:
    """Deleted or not; it can be described and edited all the same, and undo does not take it back."""
    quarantine = QuarantineImage(image_id=ID, quarantine=Quarantine("TOO_SLOW", "Too slow."))
    quarantined = ImageQuarantined(image_id=ID, code="TOO_SLOW", message="Too slow.")
    given(uploaded(ID)).when(quarantine).then(quarantined)
    given(uploaded(ID), ImageDeleted(image_id=ID)).when(quarantine).then(quarantined)
    given(uploaded(ID), quarantined).when(quarantine).then()
    given(uploaded(ID), quarantined).when(UndoImage(image_id=ID)).then_refused("NOTHING_TO_UNDO")
    given(uploaded(ID), ImagePurged(image_id=ID)).when(quarantine).then_refused("ERASED")


def test_only_a_deleted_image_is_purged() -> None:
    """Purging cannot be undone, so it takes two steps; afterwards nothing can be done any more."""
    given(uploaded(ID)).when(PurgeImage(image_id=ID)).then_refused("CONFLICT")
    deleted = ImageDeleted(image_id=ID)
    given(uploaded(ID), deleted).when(PurgeImage(image_id=ID)).then(ImagePurged(image_id=ID))
    gone = (uploaded(ID), deleted, ImagePurged(image_id=ID))
    for command in (RestoreImage(image_id=ID), UndoImage(image_id=ID), PurgeImage(image_id=ID)):
        given(*gone).when(command).then_refused("ERASED")
