"""How much one request may ask for, and the measuring of a document before it is validated.

A document is measured in one pass over each of its definitions and one over the order in which
fragments use each other, so that the work is linear in its length however its fragments are nested;
a spread that closes a cycle counts for nothing, because validation refuses it later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from gql.errors import DocumentError

MIB: Final = 1024 * 1024
_MANY: Final = 10**9
"""Where counting stops: far beyond every limit, and still a number a person can read."""
_LISTED: Final = 8
"""What a list of the introspection system is taken to hold; so all that GraphiQL asks costs 13,000."""
_ARGUMENTS: Final = 2
"""The same for the arguments of a field."""
_HEAVY: Final = frozenset({"steps", "region"})
"""Arguments of which there may be much: to make inputs of a hundred steps holds the event loop for 5 ms."""
_WEIGHT: Final = 250
"""What a field with such an argument costs."""
_OBJECT: Final = 8
"""What an object of the variables takes beside its values, in values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every bound of the GraphQL transport. Sizes in bytes, times in seconds."""

    depth: int = 12
    """Fields inside fields, but for what is inside `__schema` and `__type`."""
    aliases: int = 30
    root_fields: int = 20
    directives: int = 50
    tokens: int = 5_000
    document_bytes: int = 64 * 1024
    values: int = 50_000
    """In the variables, as often as they may be used; an object counts as eight beside what it holds, because
    it takes as long."""
    cost: int = 20_000
    """Fields resolved, where a field with `first` or `last` counts what it holds that many times, and one
    with steps or a region counts for many."""
    page: int = 100
    """What a page is taken to hold where the client names no size and the schema has no default."""
    merge_checks: int = 50_000
    """Steps of looking for fields that cannot be merged, about a microsecond each."""
    document_cache_bytes: int = 64 * MIB
    operation_seconds: float = 30.0
    """For a query or a mutation; a subscription lasts as long as its client."""

    body_bytes: int = MIB
    """Of a JSON body, and of the fields `operations` and `map` of a multipart body."""
    file_bytes: int = 500 * MIB
    files: int = 20
    idle_seconds: float = 30.0
    """Without a byte from a client that has not finished its request."""

    message_bytes: int = MIB
    """Of one WebSocket message."""
    init_seconds: float = 10.0
    """From the opening of a WebSocket to `connection_init`."""
    send_seconds: float = 30.0
    """For a WebSocket client to take one message."""
    keep_alive_seconds: float = 15.0
    """Of silence in a stream of server-sent events."""
    operations: int = 100
    """At the same time on one WebSocket."""


@dataclass(frozen=True, slots=True)
class _Variables:
    """A page whose size the client gives by variables, for `first` or for `last`.

    `literal` is what the document gives besides, or 0; `default` is for when all of them are null.
    """

    names: tuple[str, ...]
    literal: int
    default: int


_Page: TypeAlias = int | _Variables


@dataclass(slots=True)
class _Term:
    """Fields and spreads that are resolved once for each element of the pages around them."""

    fields: int = 0
    spreads: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection set stands inside its definition."""

    parent: GraphQLNamedType | None
    depth: int = 0
    pages: tuple[_Page, ...] = ()
    introspecting: bool = False
    root: bool = False


@dataclass(slots=True)
class _Figures:
    """What one definition holds: at first by itself, then with the fragments it uses."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    spreads: list[tuple[str, _Place]] = field(default_factory=list)
    terms: dict[tuple[_Page, ...], _Term] = field(default_factory=dict)

    def term(self, pages: tuple[_Page, ...]) -> _Term:
        return self.terms.setdefault(pages, _Term())

    def add(self, used: _Figures, place: _Place) -> None:
        """Count a fragment in, spread at a place."""
        self.depth = max(self.depth, place.depth + used.depth)
        self.aliases = min(_MANY, self.aliases + used.aliases)
        self.directives = min(_MANY, self.directives + used.directives)
        self.root_fields = min(_MANY, self.root_fields + (used.root_fields if place.root else 0))


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one operation, as far as it can be known before the variables are."""

    definitions: tuple[tuple[str, Mapping[tuple[_Page, ...], _Term]], ...]
    """Each after those that it uses; the operation is the last, and has no name."""
    defaults: Mapping[str, int]

    @property
    def constant(self) -> bool:
        chains = (pages for _, terms in self.definitions for pages in terms)
        return all(isinstance(page, int) for pages in chains for page in pages)

    def of(self, variables: Mapping[str, object]) -> int:
        """Fields resolved with these variables, counted up to a thousand million."""
        given = {**self.defaults, **variables}
        costs: dict[str, int] = {}
        for name, terms in self.definitions:
            total = sum(
                _product(pages, given) * (term.fields + sum(costs.get(spread, 0) for spread in term.spreads))
                for pages, term in terms.items()
            )
            costs[name] = min(_MANY, total)
        return costs[""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The figures of one operation with all that it reaches."""

    operation: OperationDefinitionNode
    depth: int
    aliases: int
    directives: int
    root_fields: int
    cost: Cost

    def check(self, limits: Limits) -> None:
        """Raises DocumentError for the first limit that is passed, naming the figure and the limit."""
        for code, what, found, limit in (
            ("QUERY_TOO_DEEP", "nests fields {} deep", self.depth, limits.depth),
            ("TOO_MANY_ALIASES", "uses {} aliases", self.aliases, limits.aliases),
            ("TOO_MANY_ROOT_FIELDS", "selects {} root fields", self.root_fields, limits.root_fields),
            ("TOO_MANY_DIRECTIVES", "uses {} directives", self.directives, limits.directives),
        ):
            if found > limit:
                raise DocumentError.single(code, f"The operation {what.format(found)}; the limit is {limit}.")


def check_cost(cost: int, limits: Limits) -> None:
    """Raises DocumentError."""
    if cost > limits.cost:
        raise DocumentError.single(
            "QUERY_TOO_EXPENSIVE",
            f"The operation costs {cost}; the limit is {limits.cost}. "
            "Ask for smaller pages with `first` or `last`, or for fewer fields in them.",
        )


def check_values(variables: Mapping[str, object], cost: int, root_fields: int, limits: Limits) -> None:
    """Raises DocumentError. Inputs are made of values once for each field that uses them, in the event loop.

    How many fields that are is not looked at: there are so many root fields, and others that take much have
    their cost.
    """
    uses = max(root_fields, cost // _WEIGHT, 1)
    most = limits.values // uses
    count, waiting = 0, list(variables.values())
    while waiting and count <= most:
        value = waiting.pop()
        match value:
            case dict():
                count += _OBJECT
                waiting.extend(value.values())
            case list():
                waiting.extend(value)
        count += 1
    if count > most:
        raise DocumentError.single(
            "TOO_MANY_VALUES",
            f"The variables hold more than {most:,} values, which is the limit for an operation of "
            f"{root_fields} root fields and a cost of {cost:,}. Ask for less in one request.",
        )


def measure(document: DocumentNode, schema: GraphQLSchema, page: int) -> Iterator[Measurement]:
    """The figures of every operation; `page` is the size of a page that nobody named."""
    reader = _Reader(schema, page)
    fragments = {
        node.name.value: reader.fragment(node)
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    order = _users_last(fragments)
    for name in order:
        _include(fragments[name], fragments)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            yield _measurement(node, reader.operation(node), fragments, order)


def _measurement(
    node: OperationDefinitionNode, figures: _Figures, fragments: Mapping[str, _Figures], order: Iterable[str]
) -> Measurement:
    _include(figures, fragments)
    reached = _reached(figures, fragments)
    definitions = [(name, fragments[name].terms) for name in order if name in reached]
    cost = Cost((*definitions, ("", figures.terms)), dict(_defaults(node)))
    return Measurement(
        operation=node,
        depth=figures.depth,
        aliases=figures.aliases,
        directives=figures.directives,
        root_fields=figures.root_fields,
        cost=cost,
    )


def _include(figures: _Figures, fragments: Mapping[str, _Figures]) -> None:
    for name, place in figures.spreads:
        if (used := fragments.get(name)) is not None and used is not figures:
            figures.add(used, place)


def _reached(figures: _Figures, fragments: Mapping[str, _Figures]) -> Collection[str]:
    reached: set[str] = set()
    waiting = [name for name, _ in figures.spreads]
    while waiting:
        name = waiting.pop()
        if name in fragments and name not in reached:
            reached.add(name)
            waiting.extend(used for used, _ in fragments[name].spreads)
    return reached


def _users_last(fragments: Mapping[str, _Figures]) -> list[str]:
    """Fragment names, each after those it uses; without recursion, since chains may be long."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    for root in fragments:
        waiting = [root]
        while waiting:
            name = waiting[-1]
            fresh = name not in entered
            entered.add(name)
            spreads = fragments[name].spreads if fresh else ()
            pending = [used for used, _ in spreads if used in fragments and used not in entered]
            waiting.extend(pending)
            if not pending:
                order.setdefault(waiting.pop())
    return list(order)


def _defaults(node: OperationDefinitionNode) -> Iterator[tuple[str, int]]:
    for definition in node.variable_definitions or ():
        if isinstance(definition.default_value, IntValueNode):
            yield definition.variable.name.value, _number(definition.default_value)


def _number(node: IntValueNode) -> int:
    return int(node.value) if len(node.value) < 10 else _MANY


def _product(pages: Iterable[_Page], variables: Mapping[str, object]) -> int:
    product = 1
    for page in pages:
        product = min(_MANY, product * (page if isinstance(page, int) else _size(page, variables)))
    return product


def _size(page: _Variables, variables: Mapping[str, object]) -> int:
    """A JSON number that GraphQL takes for an Int may be written 10.0 (§3.5.1)."""
    values = [variables.get(name) for name in page.names]
    sizes = [
        max(1, int(min(value, _MANY)))
        for value in values
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return max([page.literal, *sizes]) or page.default


class _Reader:
    """Takes the figures of single definitions, without recursion."""

    def __init__(self, schema: GraphQLSchema, page: int) -> None:
        self._schema = schema
        self._page = page

    def operation(self, node: OperationDefinitionNode) -> _Figures:
        root = self._schema.get_root_type(node.operation)
        return self._read(node, _Place(root, root=True))

    def fragment(self, node: FragmentDefinitionNode) -> _Figures:
        name = node.type_condition.name.value
        place = _Place(self._schema.get_type(name), introspecting=name.startswith("__"), root=True)
        return self._read(node, place)

    def _read(self, node: OperationDefinitionNode | FragmentDefinitionNode, place: _Place) -> _Figures:
        figures = _Figures(directives=len(node.directives or ()))
        waiting = [(node.selection_set, place)]
        while waiting:
            selections, here = waiting.pop()
            waiting.extend(self._selections(figures, selections, here))
        return figures

    def _selections(
        self, figures: _Figures, selections: SelectionSetNode, place: _Place
    ) -> Iterator[tuple[SelectionSetNode, _Place]]:
        """Count the selections of one set; yields the sets inside them."""
        for selection in selections.selections:
            figures.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                inside = self._field(figures, selection, place)
                if selection.selection_set is not None:
                    yield selection.selection_set, inside
            elif isinstance(selection, InlineFragmentNode):
                yield selection.selection_set, self._condition(selection, place)
            elif isinstance(selection, FragmentSpreadNode):
                figures.spreads.append((selection.name.value, place))
                figures.term(place.pages).spreads.append(selection.name.value)

    def _field(self, figures: _Figures, node: FieldNode, place: _Place) -> _Place:
        figures.aliases += node.alias is not None
        figures.root_fields += place.root
        heavy = any(argument.name.value in _HEAVY for argument in node.arguments or ())
        figures.term(place.pages).fields += _WEIGHT if heavy else 1
        if not place.introspecting:
            figures.depth = max(figures.depth, place.depth + 1)
        return self._inside(node, place)

    def _inside(self, node: FieldNode, place: _Place) -> _Place:
        if not is_composite_type(place.parent):
            return _Place(None, place.depth + 1, place.pages, place.introspecting)
        definition = self._schema.get_field(place.parent, node.name.value)
        if node.name.value in {"__schema", "__type"} or place.introspecting:
            pages = (*place.pages, *_listed(node, definition))
            return _Place(_named(definition), place.depth, pages, introspecting=True)
        return _Place(_named(definition), place.depth + 1, (*place.pages, *self._pages(node, definition)))

    def _condition(self, node: InlineFragmentNode, place: _Place) -> _Place:
        if node.type_condition is None:
            return place
        parent = self._schema.get_type(node.type_condition.name.value)
        return _Place(parent, place.depth, place.pages, place.introspecting, place.root)

    def _pages(self, node: FieldNode, definition: GraphQLField | None) -> Iterator[_Page]:
        """The size of the page that a field holds; nothing where it takes neither `first` nor `last`."""
        known = [name for name in ("first", "last") if definition is not None and name in definition.args]
        if definition is None or not known:
            return
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        given = {name: arguments[name] for name in known if name in arguments}
        defaults = [coerce_default_value(definition.args[name]) for name in known]
        default = max((value for value in defaults if isinstance(value, int)), default=self._page)
        sizes = [max(1, _number(value)) for value in given.values() if isinstance(value, IntValueNode)]
        literal = max(sizes, default=0)
        names = tuple(value.name.value for value in given.values() if isinstance(value, VariableNode))
        yield _Variables(names, literal, default) if names else literal or default


def _named(definition: GraphQLField | None) -> GraphQLNamedType | None:
    return None if definition is None else get_named_type(definition.type)


def _listed(node: FieldNode, definition: GraphQLField | None) -> tuple[int, ...]:
    if definition is None or not is_list_type(get_nullable_type(definition.type)):
        return ()
    return (_ARGUMENTS if node.name.value == "args" else _LISTED,)
