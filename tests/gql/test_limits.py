from __future__ import annotations

import time

import pytest
from graphql import build_schema, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from gql.errors import DocumentError
from gql.limits import Limits, Measurement, check_cost, check_values, measure

SCHEMA = build_schema(
    """
    type Query {
      pet: Pet
      pets(first: Int, last: Int): [Pet]
      some(first: Int = 24): [Pet]
      name(loud: Boolean): String
    }
    type Pet implements Named { name: String  friend: Pet  friends(first: Int, last: Int): [Pet] }
    interface Named { name: String }
    union Any = Pet
    type Mutation { rename: Pet }
    """
)


def measured(text: str) -> Measurement:
    (measurement,) = measure(parse(text), SCHEMA, 100)
    return measurement


def cost(text: str, **variables: object) -> int:
    return measured(text).cost.of(variables)


def refusal(text: str, **limits: int) -> str:
    with pytest.raises(DocumentError) as caught:
        measured(text).check(Limits(**limits))
    extensions = caught.value.errors[0]["extensions"]
    assert isinstance(extensions, dict)
    return f"{extensions['code']}: {caught.value.errors[0]['message']}"


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("{ name }", 1),
        ("{ pet { name } }", 2),
        ("{ ... { pet { ... on Pet { friend { name } } } } }", 3),
        ("{ ...A } fragment A on Query { pet { ...B } } fragment B on Pet { friend { name } }", 3),
        ("{ pet { ...B } name } fragment B on Pet { ...C } fragment C on Pet { name }", 2),
        ("{ __typename }", 1),
        ("{ __schema { types { fields { type { ofType { name } } } } } }", 1),
        ("{ ...Missing }", 0),
        ("{ unknown { fields { count { too } } } }", 4),
    ],
)
def test_depth_counts_fields_inside_fields_through_fragments(text: str, depth: int) -> None:
    """A fragment adds no level of its own; introspection is not counted here."""
    assert measured(text).depth == depth


def test_aliases_directives_and_root_fields_are_counted_as_often_as_they_are_used() -> None:
    """A fragment used twice counts twice."""
    text = """
      query Q @a { ...F x: name pet { ...G @skip(if: false) ...G } }
      fragment F on Query { y: name name ... @include(if: true) { z: name } }
      fragment G on Pet @b { n: name @skip(if: false) }
    """
    found = measured(text)
    assert (found.aliases, found.directives, found.root_fields) == (5, 7, 5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ name }", 1),
        ("{ pet { name friend { name } } }", 4),
        ("{ pets(first: 10) { name } }", 11),
        ("{ pets(last: 10) { friends(first: 5) { name } } }", 1 + 10 * (1 + 5)),
        ("{ pets { name } }", 101),
        ("{ some { name } }", 25),
        ("{ some(first: null) { name } }", 25),
        ("{ pets(first: 0) { name } }", 2),
        ("{ pets(first: -7) { name } }", 2),
        ("{ pets(first: 2) { ...P } } fragment P on Pet { friends(first: 3) { name } }", 1 + 2 * (1 + 3)),
        ("{ pets(first: 99999999999999999999) { name } }", 10**9),
        ("{ pets(first: 2, last: 3) { name } }", 4),
        ("{ pet(first: 1000) { name } }", 2),
        ("{ unknown(first: 1000) { name } }", 2),
        ("{ pet { seen(steps: $steps) name } }", 1 + 250 + 1),
        ("{ pets(first: 10) { seen(steps: []) } }", 1 + 10 * 250),
        ("{ pet { seen(region: { x: 1 }, steps: []) } }", 1 + 250),
        ("{ __schema { types { name args } } }", 1 + 1 + 8 * 2),
    ],
)
def test_cost_counts_fields_for_each_element_of_their_page(text: str, expected: int) -> None:
    """Sizes come from the document, the schema, or what a page may hold; steps and regions cost more."""
    assert cost(text) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"n": 7}, 8),
        ({"n": 7.0}, 8),
        ({}, 6),
        ({"n": None}, 101),
        ({"n": "many"}, 101),
        ({"n": True}, 101),
        ({"n": 1e300}, 10**9),
        ({"n": -1}, 2),
    ],
)
def test_cost_takes_page_sizes_from_variables(variables: dict[str, object], expected: int) -> None:
    """What is no number will be refused later; until then it counts as a full page."""
    assert cost("query ($n: Int = 5) { pets(first: $n) { name } }", **variables) == expected


def test_a_page_is_counted_once_however_many_variables_may_size_it() -> None:
    """Those that are null say nothing."""
    text = "query ($n: Int, $m: Int) { pets(first: $n, last: $m) { name } }"
    assert cost(text) == 101
    assert cost(text, n=5) == cost(text, m=5) == cost(text, n=5, m=None) == 6
    assert cost(text, n=5, m=7) == 8
    assert cost(text.replace("$m)", "3)"), n=1) == 4


def test_a_fragment_is_priced_where_it_is_used() -> None:
    """Variables of the operation reach into its fragments."""
    text = """
      query ($n: Int!) { pets(first: $n) { ...P } pet { ...P } }
      fragment P on Pet { friends(first: $n) { name } }
    """
    assert cost(text, n=10) == 1 + 10 * 11 + 1 + 11


def test_every_limit_names_its_figure() -> None:
    """The message says what was found and what is allowed, the code says which limit it is."""
    assert refusal("{ pet { friend { name } } }", depth=2) == (
        "QUERY_TOO_DEEP: The operation nests fields 3 deep; the limit is 2."
    )
    assert refusal("{ a: name b: name }", aliases=1).startswith("TOO_MANY_ALIASES: The operation uses 2 ")
    assert refusal("{ name pet { name } }", root_fields=1).startswith("TOO_MANY_ROOT_FIELDS")
    assert refusal("{ name @a @b }", directives=1).startswith("TOO_MANY_DIRECTIVES")
    with pytest.raises(DocumentError, match="costs 11; the limit is 10"):
        check_cost(cost("{ pets(first: 10) { name } }"), Limits(cost=10))


def test_the_introspection_of_graphiql_passes() -> None:
    """With every option, and as deep as it can be asked to look into types."""
    text = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )
    measured(text).check(Limits())
    check_cost(cost(text), Limits())


def test_introspection_is_no_way_to_ask_for_too_much() -> None:
    """Neither twice in one document nor with lists in lists."""
    whole = get_introspection_query()
    once = whole[whole.index("__schema") : whole.index("fragment") - 3]
    fragments = whole[whole.index("fragment") :]
    nested = " ".join(f"name{n}: name" for n in range(40))
    for text in (
        f"{{ a: {once} b: {once} }} {fragments}",
        f"{{ __schema {{ types {{ fields {{ type {{ fields {{ {nested} }} }} }} }} }} }}",
    ):
        with pytest.raises(DocumentError, match="The operation costs"):
            check_cost(cost(text), Limits())


@pytest.mark.parametrize(
    "text",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { pet { ...B } } fragment B on Pet { friend { ...B } ...A }",
        "{ pet { ...A } } fragment A on Pet { ...B } fragment B on Pet { ...C } fragment C on Pet { ...A }",
    ],
)
def test_cycles_of_fragments_are_measured_and_left_to_validation(text: str) -> None:
    """A spread that closes a cycle counts for nothing."""
    assert measured(text).depth <= 4


def test_fragments_that_double_at_each_step_take_no_longer_than_their_text() -> None:
    """2^n uses are counted, not walked: 400 fragments would take longer than the world lasts."""
    chain = "".join(f"fragment F{n} on Pet {{ ...F{n + 1} ...F{n + 1} x: name }}" for n in range(400))
    text = f"{{ pet {{ ...F0 }} }} {chain} fragment F400 on Pet {{ friends(first: $n) {{ name }} }}"
    started = time.thread_time()
    assert refusal(text).startswith("TOO_MANY_ALIASES: The operation uses 1000000000 aliases")
    assert cost(text, n=10) == 10**9
    assert time.thread_time() - started < 1


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({}, 0),
        ({"n": 1, "m": None}, 2),
        ({"ids": ["a"] * 10}, 11),
        ({"steps": [{"sepia": {}}] * 10}, 1 + 10 * (9 + 9)),
        ({"in": {"points": [{"x": 1, "y": 2}] * 3}}, 9 + 1 + 3 * (9 + 2)),
    ],
)
def test_variables_hold_so_many_values(variables: dict[str, object], count: int) -> None:
    """An object counts as eight more than a plain value, and all that is over the limit is refused."""
    check_values(variables, 1, 1, Limits(values=count))
    with pytest.raises(DocumentError) as caught:
        check_values({**variables, "more": 0}, 1, 1, Limits(values=count))
    assert caught.value.errors[0]["extensions"] == {"code": "TOO_MANY_VALUES"}


def test_deeply_nested_variables_need_no_recursion() -> None:
    """What is nested is counted as far as the limit, and no further."""
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(DocumentError):
        check_values({"nested": nested}, 1, 1, Limits(values=1_000))


@pytest.mark.parametrize(("cost", "root_fields"), [(30, 10), (2_500, 1), (2_600, 3)])
def test_values_count_as_often_as_they_may_be_used(cost: int, root_fields: int) -> None:
    """One variable may be used by every field."""
    limits = Limits(values=100)
    check_values({"ids": ["a"] * 9}, cost, root_fields, limits)
    with pytest.raises(DocumentError, match="more than 10 values"):
        check_values({"ids": ["a"] * 10}, cost, root_fields, limits)


def test_long_chains_of_fragments_need_no_recursion() -> None:
    """The depth of a chain is the sum of its links."""
    chain = "".join(f"fragment F{n} on Pet {{ friend {{ ...F{n + 1} }} }}" for n in range(600))
    assert measured(f"{{ pet {{ ...F0 }} }} {chain} fragment F600 on Pet {{ name }}").depth == 602


names = st.sampled_from(["A", "B", "C", "D"])
selections = st.recursive(
    st.sampled_from(["name", "n: name", "__typename"]) | names.map("...{}".format),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        .map(" ".join)
        .flatmap(lambda text: st.sampled_from([f"friend {{ {text} }}", f"... on Pet {{ {text} }}"]))
    ),
    max_leaves=6,
)


@given(st.lists(selections, min_size=5, max_size=5))
@settings(max_examples=150, deadline=None)
def test_figures_are_those_of_a_plain_walk(bodies: list[str]) -> None:
    """Counted once for each fragment, they equal what walking every use would count."""
    order = ["A", "B", "C", "D"]
    fragments = dict(zip(order, bodies[1:], strict=True))
    for position, name in enumerate(order):  # no cycles: a fragment uses only later ones
        for earlier in order[: position + 1]:
            fragments[name] = fragments[name].replace(f"...{earlier}", "name")
    expanded = bodies[0]
    for name in order:
        expanded = expanded.replace(f"...{name}", f"... on Pet {{ {fragments[name]} }}")
    texts = "".join(f" fragment {name} on Pet {{ {body} }}" for name, body in fragments.items())
    short, long = measured(f"{{ pet {{ {bodies[0]} }} }} {texts}"), measured(f"{{ pet {{ {expanded} }} }}")
    assert (short.depth, short.aliases, short.cost.of({})) == (long.depth, long.aliases, long.cost.of({}))
