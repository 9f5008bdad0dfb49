"""What may be done to an image, and what becomes of it."""

from __future__ import annotations

import pytest

from domain.commands import DeleteImage, DescribeImage, RestoreImage, UploadImage
from domain.events import (
    ImageDeleted,
    ImageDescribed,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
)
from domain.image import image_from
from tests.domain.decider import given
from tests.examples import HEADER, uploaded

ID = "a" * 32
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
    given(image).when(command).then(ImageDescribed(image_id=ID, description="new"))


def test_tags_are_the_whole_set_wanted() -> None:
    """What is missing from the new set goes, what is new comes, what stays is not touched."""
    image = uploaded(ID, tags=("cat", "dog"))
    given(image).when(DescribeImage(image_id=ID, tags=("dog", "emu"))).then(
        ImageUntagged(image_id=ID, tags=("cat",)), ImageTagged(image_id=ID, tags=("emu",))
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
    image = image_from(
        [
            uploaded(ID, tags=("cat",)),
            ImageRenamed(image_id=ID, name="new.jpg"),
            ImageDescribed(image_id=ID, description="text"),
            ImageTagged(image_id=ID, tags=("dog",)),
            ImageUntagged(image_id=ID, tags=("cat",)),
            ImageDeleted(image_id=ID),
        ]
    )
    assert image is not None
    assert (image.name, image.description, image.tags) == ("new.jpg", "text", ("dog",))
    assert image.deleted


def test_a_history_without_a_beginning_is_an_error() -> None:
    """An event before the upload means that the log was read wrongly."""
    with pytest.raises(ValueError, match="before ImageUploaded"):
        image_from([ImageDeleted(image_id=ID)])
