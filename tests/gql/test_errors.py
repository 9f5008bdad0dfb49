from __future__ import annotations

import logging

import pytest
from graphql import GraphQLError, parse

from domain import errors as domain_errors
from domain.errors import Busy, FileTooLarge, InvalidInput, NotFound, Refusal, StorageFull, VersionConflict
from gql.errors import DocumentError, FormattedError, RequestError, execution_error, request_error

DOCUMENT = parse("{ field(argument: 1) }")
FIELD = DOCUMENT.definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]


def located(error: Exception) -> GraphQLError:
    return GraphQLError(str(error), [FIELD], path=["field", 0], original_error=error)


def extensions(error: FormattedError) -> dict[str, object]:
    found = error["extensions"]
    assert isinstance(found, dict)
    return found


def test_a_refusal_keeps_its_code_its_message_and_its_field() -> None:
    """And its place in the document and in the result."""
    assert execution_error(located(InvalidInput("Too wide.", field="width"))) == {
        "message": "Too wide.",
        "locations": [{"line": 1, "column": 3}],
        "path": ["field", 0],
        "extensions": {"code": "INVALID_INPUT", "field": "width"},
    }


def test_a_refusal_is_found_however_often_it_was_wrapped() -> None:
    """graphql-core wraps an error once for each level that it passes."""
    wrapped = located(located(NotFound("There is no such image.")))
    assert extensions(execution_error(wrapped)) == {"code": "NOT_FOUND"}


def test_a_refusal_for_now_says_when_to_ask_again() -> None:
    """In the extensions of a field's error, and in a header where the whole request is refused."""
    assert extensions(execution_error(located(StorageFull("Full.")))) == {
        "code": "STORAGE_FULL",
        "retryAfter": 60,
    }
    refused = request_error(Busy("Busy."))
    assert (refused.status, dict(refused.headers)) == (503, {"retry-after": "1"})


def test_nothing_is_told_of_an_unexpected_error_but_an_id(caplog: pytest.LogCaptureFixture) -> None:
    """The id leads to the log, where the traceback is."""
    with caplog.at_level(logging.ERROR):
        told = execution_error(located(ZeroDivisionError("the secret is 42")))
    correlation_id = extensions(told)["correlationId"]
    assert extensions(told)["code"] == "INTERNAL"
    assert "secret" not in repr(told)
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    assert record.correlation_id == correlation_id  # type: ignore[attr-defined]


def test_an_error_of_a_resolver_with_a_code_of_its_own_is_shown() -> None:
    """A code says that the message was written for the client."""
    error = GraphQLError("Not for you.", extensions={"code": "FORBIDDEN", "scope": "write"})
    assert execution_error(located(error))["message"] == "Not for you."
    assert extensions(execution_error(located(error))) == {"code": "FORBIDDEN", "scope": "write"}


def test_a_value_that_its_type_cannot_say_is_our_fault() -> None:
    """graphql-core quotes the value, which may be anything."""
    assert (
        extensions(execution_error(located(GraphQLError("Int cannot represent 'secret'"))))["code"]
        == "INTERNAL"
    )


def test_an_argument_found_wrong_during_execution_is_the_clients_fault() -> None:
    """graphql-core blames the argument's value then."""
    value = FIELD.arguments[0].value
    error = GraphQLError("Argument 'argument' has an invalid value.", [value])
    assert extensions(execution_error(error))["code"] == "BAD_VARIABLES"


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (InvalidInput("No."), 400),
        (NotFound("No."), 404),
        (VersionConflict("image-1", expected="version 1", current=2), 409),
        (FileTooLarge("No."), 413),
        (domain_errors.UnsupportedType("No."), 415),
        (domain_errors.DamagedFile("No."), 422),
        (domain_errors.ShuttingDown("No."), 503),
        (Refusal("No."), 403),
    ],
)
def test_a_refused_request_has_a_status_of_http(refusal: Refusal, status: int) -> None:
    """Each kind of refusal has one; a kind that is new has that of its parent."""
    refused = request_error(refusal)
    assert (refused.status, extensions(refused.errors[0])["code"]) == (status, refusal.code)


def test_an_unexpected_error_of_a_request_is_a_500_without_details() -> None:
    """The same as for a field."""
    refused = request_error(KeyError("the secret is 42"))
    assert refused.status == 500
    assert "secret" not in repr(refused.errors)


def test_a_request_error_stays_what_it_is() -> None:
    """Translating twice changes nothing."""
    error = RequestError.because("BAD_REQUEST", "No.")
    assert request_error(error) is error


def test_every_error_of_a_document_has_a_code() -> None:
    """The given one, unless the error brings its own."""
    own = GraphQLError("b", extensions={"code": "OWN"})
    refused = DocumentError.all("GRAPHQL_VALIDATION_FAILED", [GraphQLError("a", [FIELD]), own])
    assert [extensions(error)["code"] for error in refused.errors] == ["GRAPHQL_VALIDATION_FAILED", "OWN"]
    assert refused.errors[0]["locations"] == [{"line": 1, "column": 3}]
