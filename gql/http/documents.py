"""Documents parsed, measured and validated once, and kept while they are in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import strawberry
from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLSyntaxError,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gql.errors import DocumentError
from gql.limits import Limits, Measurement, check_cost, measure

_TOKEN_BYTES: Final = 600
"""What one token of a parsed document holds in memory, as measured with graphql-core 3.3.2."""
_CHARACTER_BYTES: Final = 4
_MAX_ERRORS: Final = 20
"""More than anybody reads; each costs a look at all names that may have been meant."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that may be executed, in its document."""

    document: DocumentNode
    measured: Measurement
    constant_cost: int | None
    """None where it depends on variables."""

    @property
    def name(self) -> str | None:
        name = self.measured.operation.name
        return None if name is None else name.value

    def cost(self, variables: Mapping[str, object]) -> int:
        return self.measured.cost.of(variables) if self.constant_cost is None else self.constant_cost


@dataclass(frozen=True, slots=True)
class _Entry:
    operations: Mapping[str | None, Operation]
    weight: int


class Documents:
    """Finds operations by the text of their document. The least recently used are forgotten first."""

    def __init__(self, schema: strawberry.Schema, limits: Limits) -> None:
        self._schema = schema._schema  # noqa: SLF001 - strawberry has no other way to the schema
        self._limits = limits
        self._rules = _rules(limits.merge_checks)
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._weight = 0

    def operation(self, text: str, name: str | None) -> Operation:
        """Raises DocumentError."""
        entry = self._entries.get(text)
        if entry is None:
            entry = self._remember(text, self._prepare(text))
        else:
            self._entries.move_to_end(text)
        return _choose(entry.operations, name)

    def _prepare(self, text: str) -> _Entry:
        document = self._parse(text)
        measurements = list(measure(document, self._schema, self._limits.page))
        for measurement in measurements:
            measurement.check(self._limits)
        operations = [self._operation(document, measurement) for measurement in measurements]
        if errors := validate(self._schema, document, self._rules, max_errors=_MAX_ERRORS):
            raise DocumentError.all("GRAPHQL_VALIDATION_FAILED", errors)
        weight = _TOKEN_BYTES * document.token_count + _CHARACTER_BYTES * len(text)
        return _Entry({operation.name: operation for operation in operations}, weight)

    def _parse(self, text: str) -> DocumentNode:
        size, limits = len(text.encode()), self._limits
        if size > limits.document_bytes:
            message = f"The document has {size} bytes; the limit is {limits.document_bytes}."
            raise DocumentError.single("DOCUMENT_TOO_LARGE", message)
        try:
            return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLSyntaxError as error:
            too_long = "Document contains more than" in error.message
            raise DocumentError.all(
                "TOO_MANY_TOKENS" if too_long else "GRAPHQL_PARSE_FAILED", [error]
            ) from None

    def _operation(self, document: DocumentNode, measurement: Measurement) -> Operation:
        constant = measurement.cost.of({}) if measurement.cost.constant else None
        if constant is not None:
            check_cost(constant, self._limits)
        return Operation(document, measurement, constant)

    def _remember(self, text: str, entry: _Entry) -> _Entry:
        self._entries[text] = entry
        self._weight += entry.weight
        while self._weight > self._limits.document_cache_bytes:
            _, forgotten = self._entries.popitem(last=False)
            self._weight -= forgotten.weight
        return entry


def _choose(operations: Mapping[str | None, Operation], name: str | None) -> Operation:
    """GetOperation() of the GraphQL specification (§6.1)."""
    if name is None and len(operations) == 1:
        return next(iter(operations.values()))
    if name is None and operations:
        message = f"The document has {len(operations)} operations: say which one by `operationName`."
        raise DocumentError.single("OPERATION_NAME_REQUIRED", message)
    operation = operations.get(name)
    if operation is None:
        what = "operation" if name is None else f"operation named {name[:100]!r}"
        raise DocumentError.single("OPERATION_NOT_FOUND", f"The document has no {what}.")
    return operation


def _rules(merge_checks: int) -> tuple[type[ASTValidationRule], ...]:
    """The rules of GraphQL and Strawberry, with less patience for fields that may not be mergeable.

    Comparing every field with every other takes graphql-core up to 0.8 s before it gives up.
    """

    class MergeRule(OverlappingFieldsCanBeMergedRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = merge_checks

    rules = (MergeRule if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    return (*rules, MaybeNullValidationRule, OneOfInputValidationRule)
