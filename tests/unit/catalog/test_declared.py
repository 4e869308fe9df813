"""Types and links of the operator's own, in the routing file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.catalog.dressed import dressed, facts, links
from tocsin.catalog.thresholds import shortfall
from tocsin.errors import Invalid
from tocsin.look import Look
from tocsin.routing_file import Document, read
from tocsin.rules.config import Config
from tocsin.yaml_document import parse_yaml

ORDERS = {
    "order.*": {
        "title": "Order {data.number} over {data.amount:money}",
        "message": "{data.customer.name} pays {data.method}",
        "severity": "low",
        "look": {"icon": "🛒", "colour": "green", "banner": "Order"},
        "facts": [
            {"name": "Amount", "value": "{data.amount:money}"},
            {"name": "Note", "value": "{data.note}", "inline": False},
        ],
        "fingerprint": "order:{data.number}",
        "ttl": "1h",
        "link": "shop",
    }
}
SHOP = {"shop": "https://shop.example.com/orders/{data.number}"}


def faults_of(text: str) -> list[tuple[str, str]]:
    value, lines = parse_yaml(text)
    with pytest.raises(Invalid) as refused:
        read(Document(text, "yaml", value, lines))
    return [(fault.field, fault.reason) for fault in refused.value.faults]


def order(**data: Any) -> dict[str, Any]:
    return {"type": "order.paid", "data": {"number": 814, "amount": 1250.5, **data}}


def test_a_declared_type_says_what_the_sender_left_empty() -> None:
    event = dressed(order(note="gift", currency="EUR"), ORDERS, SHOP)

    assert event.title == "Order 814 over €1,250.50"
    assert event.message == ""  # a hole stays empty
    assert event.severity == "low"
    assert event.look == Look(icon="🛒", colour=0x00CC66, banner="Order")
    assert facts(event) == [("Amount", "€1,250.50", True), ("Note", "gift", False)]
    assert (event.fingerprint, event.ttl) == ("order:814", 3600)
    assert str(event.url) == "https://shop.example.com/orders/814"
    assert links(event) == {"Shop": "https://shop.example.com/orders/814"}


def test_what_is_missing_is_left_out_whole() -> None:
    event = dressed(order(customer={"name": "Jo"}, method="cash"), ORDERS, SHOP)

    assert event.message == "Jo pays cash"
    assert [name for name, _, _ in facts(event)] == ["Amount"]


def test_a_declared_type_that_cannot_say_its_title_asks_for_one() -> None:
    with pytest.raises(Invalid, match="an event needs a title or a message"):
        dressed({"type": "order.paid"}, ORDERS, SHOP)


def test_an_exact_name_wins_over_an_earlier_glob() -> None:
    types = {**ORDERS, "order.paid": {"title": "Paid"}}

    assert dressed(order(), types, SHOP).title == "Paid"
    sent = dressed(order() | {"type": "order.sent"}, types, SHOP)
    assert sent.title.startswith("Order 814")


def test_a_declaration_changes_a_type_of_the_catalogue_in_part() -> None:
    types = {"peer.joined": {"severity": "debug", "look": {"colour": "#112233"}}}
    event = dressed({"type": "peer.joined", "data": {"peer_name": "Bo"}}, types)

    assert (event.title, event.severity) == ("Bo joined", "debug")
    assert event.look == Look(icon="👋", colour=0x112233)


def test_what_an_adapter_guessed_gives_way_to_a_declaration() -> None:
    guessed = frozenset({"title", "fields"})
    told = order() | {"title": "Order paid", "fields": [{"name": "n", "value": "8"}]}
    event = dressed(told, ORDERS, SHOP, guessed=guessed)

    assert event.title == "Order 814 over $1,250.50"
    assert facts(event) == [("Amount", "$1,250.50", True)]
    kept = dressed(told, {"order.*": {"severity": "low"}}, guessed=guessed)
    assert (kept.title, facts(kept)) == ("Order paid", [("n", "8", True)])


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{data.n}", "12450"),
        ("{data.n:count}", "12,450"),
        ("{data.n:money}", "$12,450"),
        ("{data.n:percent}", "12450.0%"),
        ("{data.n:duration}", "3 h 27 min"),
        ("{data.list.1}", "b"),
        ("{data.deep.er}", "x"),
        ("{data.yes}", "true"),
        ("{labels.app.kubernetes}", "k"),
        ("{type} {branch} {source} {severity}", "t main ci high"),
        ("{at:time}", "2026-11-21 09:31:23 CET"),
        ("{at:day}", "2026-11-21"),
        ("{start:s}-{end:ms}", "1795249853-1795249913000"),
    ],
)
def test_a_hole_is_filled_in_its_format(template: str, shown: str) -> None:
    event = dressed(
        {
            "type": "t",
            "branch": "main",
            "source": "ci",
            "severity": "high",
            "labels": {"app.kubernetes": "k"},
            "data": {"n": 12450, "list": ["a", "b"], "deep": {"er": "x"}, "yes": True},
        },
        {"t": {"title": template}},
    )

    assert event.title == shown


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308, 0.1, 10**15])
@pytest.mark.parametrize("how", ["", ":money", ":count", ":percent", ":duration"])
def test_no_number_is_too_large_to_be_told(value: float, how: str) -> None:
    types = {
        "t": {"title": f"{{data.n{how}}}", "threshold": {"n": 1e9}},
    }
    event = dressed({"type": "t", "message": "m", "data": {"n": value}}, types)

    assert len(event.title) <= 1000
    config = Config.model_validate({"types": types})
    assert bool(shortfall(event, config.types)) is (value < 1e9)


@pytest.mark.parametrize(
    "template",
    ["{data.no}", "{data.list.7}", "{data.deep}", "{data.text:money}", "{labels.x}"],
)
def test_a_hole_that_nothing_fills_leaves_its_text_out(template: str) -> None:
    data = {"list": [], "deep": {}, "text": "a lot"}
    event = dressed(
        {"type": "t", "message": "m", "data": data}, {"t": {"title": f"x {template}"}}
    )

    assert event.title == ""


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("types: {a: {title: '{data.x:euro}'}}", "types.a.title", "no format 'euro'"),
        ("types: {a: {title: '{foo}'}}", "types.a.title", "{foo} is not known"),
        ("types: {a: {title: '{data}'}}", "types.a.title", "{data} is not known"),
        ("types: {a: {title: 'a } b'}}", "types.a.title", "brace without its partner"),
        ("types: {a: {look: {colour: mauve}}}", "types.a.look.colour", "not a colour"),
        ("types: {a: {icon: x}}", "types.a.icon", "unknown key"),
        ("types: {a: {severity: loud}}", "types.a.severity", "not a severity"),
        ("links: {a: 'ftp://x/{type}'}", "links.a.url", "should begin with https://"),
        ("links: {a: 'https://{branch}/'}", "links.a.url", "a host that has no brac"),
        ("links: {a: 'https://x{type}.org/'}", "links.a.url", "a host that has no b"),
        (
            "types: {a: {link: b}}",
            "types.a.link",
            "type 'a' leads to a link 'b' that is not",
        ),
    ],
)
def test_a_mistake_in_the_file_is_found_before_it_is_live(
    text: str, field: str, reason: str
) -> None:
    ((where, why),) = faults_of(text)

    assert where == field
    assert why.startswith("line 1: ")
    assert reason in why


def test_the_file_keeps_its_words_when_it_is_stored() -> None:
    config = Config.model_validate({"types": ORDERS, "links": SHOP})

    assert Config.model_validate(config.dump()) == config


@pytest.mark.parametrize(
    "value", ["../../x", "a?b#c", "@evil.example", "\u202e", "a b\n", "\ud800"]
)
def test_no_value_can_leave_its_place_in_an_address(value: str) -> None:
    (url,) = links(
        dressed(
            {"type": "t", "title": "x", "data": {"id": value}},
            links={"page": "https://app.example.com/items/{data.id}"},
        )
    ).values()
    rest = url.removeprefix("https://app.example.com/items/")

    assert rest != url
    assert not set(rest) & set("/?#@ \n")


def test_a_link_may_be_for_some_types_only() -> None:
    only = {"run": {"url": "https://ci.example.com/{type}", "type": ["ci.*"]}}

    assert links(dressed({"type": "ci.x", "title": "x"}, links=only)) == {
        "Run": "https://ci.example.com/ci.x"
    }
    assert links(dressed({"type": "a", "title": "x"}, links=only)) == {}


def test_an_address_that_is_too_long_is_no_link() -> None:
    event = dressed(
        {"type": "t", "title": "x", "data": {"id": "é" * 900}},
        links={"page": "https://app.example.com/{data.id}"},
    )

    assert links(event) == {}
