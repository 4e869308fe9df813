"""Checking: what is wrong with a template is found when it is put, with its line."""

from __future__ import annotations

import json

import pytest

from tocsin.channels import channel
from tocsin.errors import Invalid
from tocsin.routing_file import Document, read
from tocsin.rules.config import Config
from tocsin.templating.checking import require_templates
from tocsin.templating.sampling import odd_templates
from tocsin.yaml_document import parse_yaml

NOW = 1_793_707_200_000


def yaml(text: str) -> Document:
    value, lines = parse_yaml(text)
    return Document(text, "yaml", value, lines)


def faults(document: Document) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        require_templates(read(document), document, channel)
    return [(each.field, each.reason) for each in caught.value.faults]


def odd(text: str) -> list[str]:
    return list(odd_templates(Config.model_validate(yaml(text).value), NOW))


def test_a_good_file_is_taken() -> None:
    document = yaml(
        """
templates:
  "order.*":
    title: "Order {{ data.number }}"
    format: markdown
    body: |
      **{{ data.customer }}** pays, [see](https://shop.example.com/{{ data.id }})
      {% for each in data.items %}
      - {{ each.name }}
      {% endfor %}
    facts:
      - {name: Amount, value: "{{ data.amount | money }}"}
    channels:
      email: {body: "By mail"}
"""
    )

    require_templates(read(document), document, channel)


def test_a_fault_in_a_block_names_the_line_of_the_file() -> None:
    document = yaml(
        """
templates:
  "order.*":
    body: |
      one
      {% for each in data.items %}
      {{ each.name | nope }}
      {% endfor %}
"""
    )

    ((field, reason),) = faults(document)

    assert field == "templates.order.*.body"
    assert reason.startswith("line 7: there is no filter 'nope'; there are: abs,")


def test_a_fault_in_a_line_names_that_line() -> None:
    document = yaml(
        'templates:\n  a:\n    facts:\n      - name: x\n        value: "{{ x"\n'
    )

    ((field, reason),) = faults(document)

    assert field == "templates.a.facts.0.value"
    assert reason.startswith("line 5: unexpected end")


def test_in_json_the_line_is_the_templates_own() -> None:
    value = {"templates": {"a": {"body": "one\n{% nope %}"}}}
    document = Document(json.dumps(value), "json", value)

    ((field, reason),) = faults(document)

    assert field == "templates.a.body"
    assert reason.startswith("its line 2: ")


@pytest.mark.parametrize(
    ("template", "field", "why"),
    [
        ("{titel: x}", "a.titel", "line 2: unknown key"),
        ("{format: html}", "a.format", "'text' or 'markdown'"),
        ("{url: 'https://x'}", "a.url", "unknown key"),
        ("{pings: x}", "a.pings", "unknown key"),
        ("{channels: {discord: {channels: {}}}}", "a.channels.discord.channels", "unknown key"),
        ("{channels: {fax: {title: x}}}", "a.channels.fax", "not a channel; known: "),
        ("{title: '{{ foo }}'}", "a.title", "there is no 'foo'; there are: "),
        ("{title: '{{ data.x() }}'}", "a.title", "calls nothing"),
        ("{facts: [{name: '', value: x}]}", "a.facts.0.name", "must not be empty"),
        ("{format: markdown, body: '[x]({{ url }})'}", "a.body", "names its host"),
        ("{format: markdown, body: '[x](https://{{ data.h }}/)'}", "a.body", "names its host"),
        ("{format: markdown, body: '[x](javascript:alert(1))'}", "a.body", "names its host"),
        ("{channels: {email: {title: '{% if %}'}}}", "a.channels.email.title", "line 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(template: str, field: str, why: str) -> None:
    ((found, reason),) = faults(yaml(f"templates:\n  a: {template}\n"))

    assert found == f"templates.{field}"
    assert why in reason


def test_a_template_has_a_greatest_length_and_so_have_all_together() -> None:
    one = {"templates": {"a": {"body": "x" * 4_001}}}
    many = {"templates": {f"a{n}": {"body": "x" * 4_000} for n in range(16)}}

    ((field, _),) = faults(Document("", "json", one))
    assert field == "templates.a.body"
    assert faults(Document("", "json", many)) == [
        ("templates", "hold more than 60,000 letters together")
    ]


def test_a_types_own_sample_shows_what_breaks_and_what_is_not_there() -> None:
    found = odd(
        """
templates:
  lead.hot:
    title: "{{ data.first_name }} {{ data.scoer }}"
    channels:
      discord: {body: "{{ 1 / 0 }}"}
"""
    )

    assert found == [
        "template 'lead.hot', on discord fails with our lead.hot: body, line 1: divides by zero",
        "template 'lead.hot': data.scoer is not known to lead.hot",
    ]


def test_of_a_glob_a_key_is_odd_that_none_of_its_types_knows() -> None:
    text = 'templates: {"peer.*": {title: "{{ data.peer_name }} {{ data.nope }}"}}'

    (found,) = odd(text)

    assert found.endswith("data.nope is not known to peer.joined, peer.left")


def test_nothing_is_odd_about_a_template_that_fits_its_type() -> None:
    assert odd('templates: {lead.hot: {title: "{{ data.first_name }}"}}') == []
    assert odd('templates: {shop.order: {title: "{{ data.any }}"}}') == []
