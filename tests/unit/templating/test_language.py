"""The language of templates: what it can say, what it refuses, and that it ends."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.templating import runtime
from tocsin.templating.grammar import parsed
from tocsin.templating.language import compiled, run
from tocsin.templating.runtime import LONGEST, STEPS, Fault, Work

DATA: dict[str, Any] = {
    "number": 7,
    "amount": 1234.5,
    "share": 12.34,
    "seconds": 4980,
    "nothing": None,
    "paid": True,
    "snowflake": 1_234_567_890_123_456_789,
    "customer": {"name": "Ada"},
    "items": [{"name": "pen", "count": 2}, {"name": "ink", "count": 10}],
    "tags": ["a", "b"],
    "many": list(range(1_000)),
    "text": "x" * 10_000,
}


def told(source: str, *, work: Work | None = None, **values: Any) -> str:
    template = compiled(source, markdown=False)
    return run(template, {"data": DATA, **values}, work or Work())


def fault(source: str, **values: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        told(source, **values)
    return caught.value


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Order {{ data.number }}", "Order 7"),
        ("{{ data.amount | money }}", "$1,234.50"),
        ("{{ data.amount | money('chf') }}", "CHF 1,234.50"),
        ("{{ data.share | percent }}", "12.3%"),
        ("{{ data.seconds | duration }}", "1 h 23 min"),
        ("{{ data.snowflake }}", "1234567890123456789"),
        ("{{ data.customer.name | upper }}", "ADA"),
        ("{{ data['customer']['name'] }}", "Ada"),
        ("{{ data.paid }}", "true"),
        ("{{ data.tags }}", "a, b"),
        ("{{ data.items | map('name') | join(' and ') }}", "pen and ink"),
        ("{{ data.items | sort(attribute='name') | map('name') | join }}", "inkpen"),
        ("{{ data.items | sum('count') }}", "12"),
        ("{{ data.items | length }}", "2"),
        ("{{ data.items.1.name }}{{ data.items[-1].name }}", "inkink"),
        ("{{ data.customer | items | first | join('=') }}", "name=Ada"),
        ("{{ data.amount * 2 - 1 }}", "2468"),
        ("{{ 'big' if data.amount > 100 else 'small' }}", "big"),
        ("{{ 'a' in data.tags }}{{ 'z' in data.tags }}", "truefalse"),
        ("{{ 'a b/c_d' | urlencode }}", "a%20b%2Fc%5Fd"),
        ("{{ 'abcdef' | truncate(4) }}", "abc…"),
        ("{{ data.text[:3] }}", "xxx"),
        ("{{ 'a' ~ 1 ~ 'b' }}", "a1b"),
        (
            "{% for i in data.items %}\n- {{ i.name }} {{ loop.index }}\n{% endfor %}\nend",
            "- pen 1\n- ink 2\nend",
        ),
        ("{% set n = data.number + 1 %}{{ n }}", "8"),
        (
            "{% for k, v in data.customer | items %}{{ k }}: {{ v }}{% endfor %}",
            "name: Ada",
        ),
        ("{% for n in data.tags if n != 'a' %}{{ n }}{% endfor %}", "b"),
    ],
)
def test_it_says_what_its_author_means(source: str, text: str) -> None:
    assert told(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ data.no }}",
        "{{ data.no.such.thing[3].at.all }}",
        "{{ data.nothing }}",
        "{{ data.no | upper }}{{ data.no | money }}{{ data.text | money }}",
        "{{ data.no + 1 }}{{ -data.no }}",
        "{% for each in data.no %}{{ each }}{% endfor %}",
        "{{ 'more' if data.no > 3 or data.nothing < 3 else '' }}",
        "{{ 'there' if data.no else '' }}{{ data.no[:3] }}",
        "{{ data.no | join(', ') }}{{ data.no | first }}{{ data.no | int }}",
    ],
)
def test_what_is_missing_is_empty(source: str) -> None:
    assert told(source) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{{ data.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__ }}",
        "{{ data['__class__'] }}{{ data.items.__len__ }}",
        "{{ data.items | map('__class__') | join }}",
        "{{ data.items | sort(attribute='__class__') | map('__init__') | join }}",
        "{{ data.get }}{{ data.keys }}{{ data.text.format }}{{ data.number.real }}",
    ],
)
def test_no_attribute_of_anything_is_reached(source: str) -> None:
    assert told(source) == ""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ data.text.upper() }}", "calls nothing"),
        ("{{ range(10) }}", "calls nothing"),
        ("{{ data.x.__init__.__globals__() }}", "calls nothing"),
        ("{% macro f() %}{{ f() }}{% endmacro %}", "macros"),
        ("{% include 'a' %}", "includes"),
        ("{% import 'a' as b %}", "imports"),
        ("{% from 'a' import b %}", "imports"),
        ("{% extends 'a' %}", "extends"),
        ("{% block a %}{% endblock %}", "blocks"),
        ("{{ 9 ** 9 ** 9 }}", "powers"),
        ("{% set x %}{% endset %}", "block"),
        ("{% filter upper %}x{% endfilter %}", "block"),
        ("{% autoescape false %}{% endautoescape %}", "scope"),
        ("{% for x in data.items recursive %}{% endfor %}", "call itself"),
        ("{% for a in x %}" * 4 + "{% endfor %}" * 4, "3 loops"),
        ("{{ _work }}", "begins with a letter"),
        ("{{ data.x | _items(0) }}", "no filter '_items'"),
        ("{{ data.x | center(99) }}", "no filter 'center'"),
        ("{{ data.x | format(1) }}", "no filter 'format'"),
        ("{{ data.x | safe }}", "no filter 'safe'"),
        ("{{ data.x | attr('y') }}", "no filter 'attr'"),
        ("{{ data.x is filter }}", "no test 'filter'"),
        ("{% if false %}{{ data.x | nope }}{% endif %}", "no filter 'nope'"),
        ("{{ " + "(" * 900 + "1" + ")" * 900 + " }}", ""),
        ("{{ " + "9" * 5_000 + " }}", ""),
        ("{{ " + "not " * 200 + "1 }}", "too deep"),
        ("{{ x", "unexpected end"),
        ("{% if %}", ""),
    ],
)
def test_what_is_not_in_the_language_is_refused(source: str, why: str) -> None:
    with pytest.raises(Fault) as caught:
        compiled(source, markdown=False)

    assert why in caught.value.reason


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(Fault) as caught:
        parsed("one\ntwo\n{{ data.x | nope }}")

    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{% for a in data.many %}{% for b in data.many %}{{ b }}{% endfor %}{% endfor %}", "steps"),
        ("{% for a in data.many %}" + "{{ a }}" * 30 + "{% endfor %}", "steps"),
        ("{% set x = 'aaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 190 + "{{ x }}", "letters"),
        ("{% set x = [1, 1] %}" + "{% set x = [x, x] %}" * 60 + "{{ x }}", "list"),
        ("{% set x = 999 %}" + "{% set x = x * x %}" * 190, "too large"),
        ("{{ data.text | replace('x', data.text) }}", "letters"),
        ("{{ data.text | replace('', data.text) | replace('x', 'xxx') }}", "letters"),
        ("{{ 'x' * 1000000000 }}", "not a number"),
        ("{{ '%1000000000d' % 1 }}", "not a number"),
        ("{{ data.many | join(data.text) }}", "letters"),
        ("{% for a in data.many %}{{ data.text | upper | truncate(9) }}{% endfor %}", "steps"),
        ("{{ 1 / 0 }}", "zero"),
        ("{{ data.customer }}", "an object"),
        ("{{ data.items }}", "list of objects"),
        ("{% for x in data.text %}{% endfor %}", "not a list"),
        ("{{ data.items == data.items }}", "compares"),
        ("{{ data.amount > 'x' }}", "different kinds"),
        ("{{ data.customer[:3] }}", "cuts"),
        ("{{ data.amount | round(99) }}", "rounds"),
        ("{{ data.amount | truncate('x') }}", "not a number"),
        ("{{ data.amount | money(1, 2, 3) }}", "different kinds"),
    ],
)  # fmt: skip
def test_what_is_too_much_or_makes_no_sense_stops_with_a_reason(
    source: str, why: str
) -> None:
    assert why in fault(source).reason


def test_what_stops_names_the_line_in_which_it_did() -> None:
    assert fault("a\n{% for x in data.tags %}\n{{ 1 / 0 }}\n{% endfor %}").line == 3


def test_what_it_says_is_cut_where_it_grows_too_long() -> None:
    source = "{% for a in data.many %}" + "=" * 900 + "{% endfor %}"

    assert LONGEST < len(told(source)) < LONGEST + 1_000


def test_all_parts_of_a_message_share_what_it_may_cost() -> None:
    work = Work()
    source = "{% for a in data.many %}{{ a }}{% if a > 1 %}{% endif %}{% endfor %}"

    told(source, work=work)

    with pytest.raises(Fault, match="steps"):
        told(source, work=work)


PIECES = st.sampled_from(
    [
        "{% for a in data.many %}",
        "{% for b in data.items %}",
        "{% for a in b %}",
        "{% endfor %}",
        "{% set a = a ~ a ~ data.text %}",
        "{% set a = data.text | replace('x', a) %}",
        "{% set a = [a, a] %}",
        "{% if a in data.many %}",
        "{% endif %}",
        "{{ a }}",
        "{{ a | sort | reverse | join(a) }}",
        "{{ a | map('x') | join(data.text) }}",
        "{{ data.many | sort | last * 3 }}",
        "{{ data.text | urlencode | upper }}",
        "{{ data.many[::2] }}",
        "text ",
    ]
)


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=25).map("".join))
@example("{% for a in data.many %}" * 3 + "{{ data.text }}" + "{% endfor %}" * 3)
def test_whatever_stands_in_it_it_ends_within_its_bounds(source: str) -> None:
    lines = 0

    def count(frame: Any, event: str, _: Any) -> Any:
        nonlocal lines
        lines += 1
        return count

    try:
        template = compiled(source, markdown=False)
    except Fault:
        return
    work = Work()
    sys.settrace(count)
    try:
        text = run(template, {"data": DATA}, work)
    except Fault:
        text = ""
    finally:
        sys.settrace(None)

    assert len(text) <= 2 * LONGEST
    # Each step is some lines of Python, none of which handles more than a little.
    assert lines < 60 * STEPS


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.just(10**4_000),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "x", "items", "__class__"]), inner)
    ),
    max_leaves=20,
)
SOURCES = st.sampled_from(
    [
        "{{ data.x }}",
        "{% for each in data.x %}{{ each.name }}{% endfor %}",
        "{{ data.x | money }}{{ data.x | percent }}{{ data.x | count }}",
        "{{ data.x | duration }}{{ data.x | abs }}",
        "{{ data.x | int }}{{ data.x | round(2) }}",
        "{{ data.x | sort | join(', ') }}{{ data.x | sum('name') }}",
        "{{ data.x | map('name') | join }}{{ data.x | first }}{{ data.x | last }}",
        "{{ 'a' if data.x > 3 else 'b' }}{{ data.x + data.name }}{{ data.x[:3] }}",
        "{{ data.name in data.x }}{{ data.x | default('?') | truncate(5) }}",
        "{{ data.x | replace(data.name, data.items) | urlencode }}",
        "{% for k, v in data.x | items %}{{ k }}{{ v }}{% endfor %}",
    ]
)


@settings(max_examples=150)
@given(SOURCES, st.dictionaries(st.sampled_from(["x", "name", "items"]), JSON))
def test_whatever_the_data_it_says_something_or_why_it_does_not(
    source: str, data: dict[str, Any]
) -> None:
    text, fault = outcome(source, data)

    assert fault is None or (fault.line == 1 and "breaks" not in fault.reason)
    assert "None" not in text or "None" in str(data)
    assert len(text) <= 2 * runtime.LONGEST


def outcome(source: str, data: dict[str, Any]) -> tuple[str, Fault | None]:
    try:
        return run(compiled(source, markdown=False), {"data": data}, Work()), None
    except Fault as fault:
        return "", fault
