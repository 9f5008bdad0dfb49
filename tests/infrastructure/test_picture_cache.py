"""Pictures are kept as long as there is room for them."""

from domain.header import MediaType
from domain.picture import Picture
from infrastructure.picture_cache import PictureCache


def picture(size: int) -> Picture:
    return Picture(content=bytes(size), media_type=MediaType.JPEG, width=1, height=1)


def kept(cache: PictureCache) -> set[str]:
    return {name for name in "abcdef" if cache.find("o", name) is not None}


def test_those_used_last_stay() -> None:
    """In so many bytes."""
    cache = PictureCache(100)
    for name in "abcd":
        cache.keep("o", name, picture(25))
    assert kept(cache) == set("abcd")
    cache.find("o", "a")
    cache.keep("o", "e", picture(1))
    assert kept(cache) == set("acde")
    cache.keep("o", "a", picture(2))
    cache.keep("o", "f", picture(20))
    assert kept(cache) == set("acdef")


def test_one_that_would_push_out_too_many_is_not_kept() -> None:
    """Not even in the place of a smaller one with its id."""
    cache = PictureCache(100)
    cache.keep("o", "a", picture(25))
    cache.keep("o", "a", picture(26))
    assert kept(cache) == set()
    assert cache._used == 0


def test_what_was_made_of_an_original_is_forgotten() -> None:
    """And nothing else."""
    cache = PictureCache(100)
    cache.keep("o", "a", picture(5))
    cache.keep("p", "a", picture(5))
    cache.forget("o")
    assert cache.find("o", "a") is None
    assert cache.find("p", "a") is not None
    assert cache._used == 5


def test_without_room_nothing_is_kept() -> None:
    """A cache of no bytes is none."""
    cache = PictureCache(0)
    cache.keep("o", "a", picture(1))
    assert kept(cache) == set()
