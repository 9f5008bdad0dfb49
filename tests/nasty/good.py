"""Well-formed files, and such of types that are not accepted."""

from collections.abc import Iterator

from tests.nasty import bases
from tests.nasty.case import Case, Want


def cases(base: dict[str, bytes]) -> Iterator[Case]:
    for name, data in base.items():
        allowed = name.rsplit(".", 1)[1] in bases.ALLOWED
        want = Want.ACCEPT if allowed and name != bases.FAX else Want.REFUSE
        note = "" if allowed else "a codec off the allow list"
        yield Case("good", name, data, want, bases.WIDTH, bases.HEIGHT, note=note)
