"""As of a position is what was there when the log ended there, for any history and any position."""

from __future__ import annotations

import sqlite3
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.paging import keyset
from domain.ports.read_model import AlbumImagesQuery, AlbumQuery, ReadModel
from domain.ports.views import ImageState, ImageView, RenditionView
from domain.presets import BUILT_IN
from domain.query import ImageFilter, ImageOrder, ImageQuery, Range, SortKey
from domain.rendition import ENGINE
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.sqlite.hamming import FUNCTION, hamming
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers
from tests.contracts.histories import ALBUMS, IMAGES, OPERATION, History, histories
from tests.examples import OWNER

T = TypeVar("T")

FILTERS = (
    ImageFilter(),
    ImageFilter(deleted=True),
    ImageFilter(deleted=None),
    ImageFilter(text="cat"),
    ImageFilter(text="be", deleted=None),
    ImageFilter(tags=("dog",), deleted=None),
    ImageFilter(width=Range(gt=100)),
    ImageFilter(camera="cat", deleted=None),
    ImageFilter(taken_at=Range(gt=datetime(2026, 1, 1, 12, tzinfo=UTC))),
)
ORDERS = (
    ImageOrder(),
    ImageOrder(SortKey.NAME, descending=False),
    ImageOrder(SortKey.NAME),
    ImageOrder(SortKey.BYTE_SIZE),
    ImageOrder(SortKey.TAKEN_AT),
    ImageOrder(SortKey.TAKEN_AT, descending=False),
)
LISTS = tuple(
    ImageQuery(owner=OWNER, filter=wanted, order=ORDERS[n % len(ORDERS)], limit=50)
    for n, wanted in enumerate((*FILTERS, *FILTERS[:3]))
)


class _Direct(Readers):
    """Reads on the connection that writes, at once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__([])
        self._db = db

    async def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(query, tuple(values)).fetchall()


@contextmanager
def _sqlite(path: Path) -> Iterator[tuple[Projection, SqliteReadModel]]:
    with closing(Projection(path, "store")) as projection:
        projection.db.execute("PRAGMA synchronous = OFF")
        projection.db.create_function(FUNCTION, 2, hamming, deterministic=True)
        yield projection, SqliteReadModel(_Direct(projection.db))


def _now(question: Coroutine[Any, Any, T]) -> T:
    """The answer to a question that waits for nothing."""
    try:
        question.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


def _answers(model: ReadModel, as_of: int | None) -> dict[str, Any]:
    """Everything that can be asked of a moment."""
    answers: dict[str, Any] = {}
    for image_id in IMAGES:
        view = _now(model.image(OWNER, image_id, as_of)).value
        answers[f"image {image_id[0]}"] = view and _plain(view)
        for rendition in view.renditions if view else ():
            found = _now(model.rendition(OWNER, image_id, rendition.rendition_id, as_of)).value
            answers[f"rendition {image_id[0]} {rendition.rendition_id}"] = found and _counted(found)
        if view is not None:
            same = _now(model.same_pixels(OWNER, image_id, 9, as_of)).value
            answers[f"same as {image_id[0]}"] = [_plain(other) for other in same]
            near = _now(model.near_duplicates(OWNER, image_id, 1, 9, as_of)).value
            answers[f"near {image_id[0]}"] = [_plain(other) for _, other in near]
    answers["presets"] = _now(model.presets(OWNER, as_of)).value
    for number, query in enumerate(LISTS):
        page = _now(model.images(replace(query, as_of=as_of))).value
        answers[f"list {number}"] = [_plain(view) for view in page.images]
    for number, wanted in enumerate(FILTERS):
        answers[f"count {number}"] = _now(model.count(OWNER, wanted, as_of))
    for deleted in (True, False, None):
        albums = AlbumQuery(owner=OWNER, deleted=deleted, as_of=as_of)
        answers[f"albums {deleted}"] = _now(model.albums(albums)).value
    for album_id in ALBUMS:
        answers[f"album {album_id[0]}"] = _now(model.album(OWNER, album_id, as_of)).value
        inside = AlbumImagesQuery(owner=OWNER, album_id=album_id, offset=1, as_of=as_of)
        images = _now(model.album_images(inside)).value.images
        answers[f"in album {album_id[0]}"] = [_plain(view) for view in images]
    return answers


def _plain(view: ImageView) -> ImageView:
    return replace(view, renditions=tuple(map(_counted, view.renditions)))


def _counted(view: RenditionView) -> RenditionView:
    """Attempts are counted up to now, whatever moment is looked at."""
    return replace(view, attempts=0)


def _pages(model: ReadModel, query: ImageQuery) -> list[ImageView]:
    """A list, two images at a time."""
    images: list[ImageView] = []
    while True:
        page = _now(model.images(query)).value
        if query.backward:
            images[:0] = page.images
            more = page.has_previous
        else:
            images += page.images
            more = page.has_next
        if not more:
            return images
        edge = keyset(images[0] if query.backward else images[-1], query.order)
        query = replace(query, before=edge) if query.backward else replace(query, after=edge)


def _lasting(answers: dict[str, Any], images: set[str], albums: set[str]) -> dict[str, Any]:
    """Answers without what has been erased since."""
    gone = {f" {thing_id[0]}" for thing_id in images | albums}
    lasting: dict[str, Any] = {}
    for question, answer in answers.items():
        if any(name in question for name in gone) or (images and question.startswith("count")):
            continue
        if question.startswith("albums"):
            answer = [album for album in answer.albums if album.album_id not in albums]  # noqa: PLW2901
        elif question.startswith(("list", "in album", "same", "near")):
            answer = [view for view in answer if view.image_id not in images]  # noqa: PLW2901
        lasting[question] = answer
    return lasting


def _purged(model: ReadModel) -> tuple[set[str], set[str]]:
    erased = ImageState.ERASED
    images = (_now(model.image(OWNER, image_id)).value for image_id in IMAGES)
    albums = (_now(model.album(OWNER, album_id)).value for album_id in ALBUMS)
    return (
        {view.image_id for view in images if view and view.state is erased},
        {view.album_id for view in albums if view and view.state is erased},
    )


def _tables(db: sqlite3.Connection) -> dict[str, list[Any]]:
    rows = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%image_text_%'")
    key = {"image_text": "rowid, *", "past_image_text": "rowid, *"}
    return {
        name: sorted(db.execute(f"SELECT {key.get(name, '*')} FROM {name}"), key=repr)
        for (name,) in rows.fetchall()
    }


@settings(max_examples=20, deadline=None)
@given(history=histories)
def test_a_moment_is_shown_as_it_was(tmp_path_factory: pytest.TempPathFactory, history: History) -> None:
    """What the read model answered when it had seen so much, it answers when it has seen more; what has
    been erased since is all that is missing."""
    answered: dict[int, dict[str, Any]] = {}
    with _sqlite(tmp_path_factory.mktemp("read") / "read-1.db") as (projection, model):
        for recorded in history.events:
            projection.fold([recorded])
            answered[recorded.position] = _answers(model, None)
        gone = _purged(model)
        for position, answers in answered.items():
            assert _lasting(_answers(model, position), *gone) == _lasting(answers, *gone)


@settings(max_examples=20, deadline=None)
@given(history=histories, place=st.floats(0, 1))
def test_both_read_models_remember_alike(
    tmp_path_factory: pytest.TempPathFactory, history: History, place: float
) -> None:
    """Folded bit by bit, at once or in memory: the same tables, and the same answers for any moment."""
    folder = tmp_path_factory.mktemp("read")
    memory = MemoryReadModel()
    memory.fold(history.events)
    with _sqlite(folder / "read-1.db") as (projection, sqlite), _sqlite(folder / "read-2.db") as (once, _):
        for recorded in history.events:
            projection.fold([recorded])
        once.fold(history.events)
        assert _tables(projection.db) == _tables(once.db)
        for position in {0, int(place * len(history.events)), len(history.events), len(history.events) + 5}:
            assert _answers(sqlite, position) == _answers(memory, position)
            rendered = _now(memory.rendered_by(OWNER, "web", 0, 9, position))
            assert _now(sqlite.rendered_by(OWNER, "web", 0, 9, position)) == rendered
        assert _answers(sqlite, None) == _answers(memory, None)
        for question in ("pending", "pending_examinations", "running_operations", "pending_erasures"):
            assert _now(getattr(sqlite, question)(50)) == _now(getattr(memory, question)(50))
        assert _now(sqlite.operation(OWNER, OPERATION)) == _now(memory.operation(OWNER, OPERATION))
        for preset in (*_now(memory.presets(OWNER)).value, *BUILT_IN):
            fates = _now(memory.replay_counts(OWNER, preset, ENGINE))
            assert _now(sqlite.replay_counts(OWNER, preset, ENGINE)) == fates
            sample = _now(memory.replay_sample(OWNER, preset, ENGINE, 2))
            assert _now(sqlite.replay_sample(OWNER, preset, ENGINE, 2)) == sample
        changed = _now(memory.changed_by(OPERATION, 0, 50))
        assert _now(sqlite.changed_by(OPERATION, 0, 50)) == changed
        for order in ORDERS:
            for backward in (False, True):
                query = ImageQuery(
                    owner=OWNER,
                    order=order,
                    limit=2,
                    backward=backward,
                    as_of=int(place * len(history.events)),
                )
                whole = _now(memory.images(replace(query, limit=50))).value.images
                assert [_plain(view) for view in _pages(sqlite, query)] == [_plain(view) for view in whole]
