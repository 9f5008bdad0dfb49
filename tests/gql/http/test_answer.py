from __future__ import annotations

import json

import pytest

from gql.errors import DocumentError, RequestError
from gql.http.answer import Answer, encode
from gql.http.negotiation import AnswerType

BROKEN = DocumentError.single("GRAPHQL_PARSE_FAILED", "No.")
LATER = RequestError.because("BUSY", "Later.", status=503, headers={"retry-after": "1"})


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer.result({"data": {}}, AnswerType.JSON), 200),
        (Answer.result({"data": {}}, AnswerType.GRAPHQL), 200),
        (Answer.result({"data": None, "errors": []}, AnswerType.JSON), 200),
        (Answer.result({"data": None, "errors": []}, AnswerType.GRAPHQL), 294),
        (Answer.refusal(BROKEN, AnswerType.JSON), 200),
        (Answer.refusal(BROKEN, AnswerType.GRAPHQL), 400),
        (Answer.refusal(LATER, AnswerType.JSON), 503),
        (Answer.refusal(LATER, AnswerType.GRAPHQL), 503),
    ],
)
def test_the_status_depends_on_the_outcome_and_the_media_type(answer: Answer, status: int) -> None:
    """A legacy client is told 200 whenever GraphQL itself has answered (§6.4)."""
    assert answer.status == status


def test_a_refusal_has_errors_and_no_data() -> None:
    """And the headers that go with it."""
    answer = Answer.refusal(LATER, AnswerType.JSON)
    assert json.loads(answer.body) == {"errors": [{"message": "Later.", "extensions": {"code": "BUSY"}}]}
    assert answer.headers == {"retry-after": "1"}


@pytest.mark.parametrize("value", [None, 10**40, "写真 🏖", "\ud800", {"a": ["\udfff", 1.5, True]}])
def test_whatever_json_can_hold_is_encoded(value: object) -> None:
    """Also what UTF-8 cannot."""
    assert json.loads(encode(value).decode()) == value


def test_what_json_cannot_hold_is_an_error() -> None:
    """It is a fault of the schema, and shown as INTERNAL."""
    with pytest.raises(TypeError):
        encode(object())
