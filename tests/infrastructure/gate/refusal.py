"""What a test says of a file that must not get through."""

import pytest

from domain.errors import UnacceptableFile
from infrastructure.gate import Limits, inspect


def refusal(data: bytes, error: type[UnacceptableFile], limits: Limits | None = None) -> str:
    """The message of the refusal, which must be of exactly this type."""
    with pytest.raises(UnacceptableFile) as caught:
        inspect(data, limits or Limits())
    assert type(caught.value) is error, caught.value.message
    return caught.value.message
