"""Sampling: what templates do with events that there are: samples, and recent ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from jinja2 import nodes

from tocsin.catalog import TYPES, kind_of
from tocsin.catalog.describing import sampled, shown
from tocsin.catalog.kind import Kind
from tocsin.delivery import Delivery
from tocsin.message import Message
from tocsin.notification import Notification
from tocsin.rendering import render
from tocsin.rules.config import Config
from tocsin.templating.applying import replaced
from tocsin.templating.grammar import parsed
from tocsin.templating.models import Template, blocks_of, glob_for, sources_of
from tocsin.templating.runtime import Fault

SAMPLES = 8
RECENT = 20
_NOBODY = Delivery("sample")


def odd_templates(config: Config, now: int) -> Iterator[str]:
    """What breaks or stays empty with the samples of the types that we know."""
    for glob, given in config.templates.items():
        template = Template.model_validate(given)
        names = [name for name in TYPES if glob_for(config.templates, name) == glob]
        kinds = [kind for name in names[:SAMPLES] if (kind := kind_of(name))]
        known: set[str] = set()
        for kind in kinds:
            event = sampled(kind.sample, config, now)
            known |= {*kind.model_fields, *event.event.data}
            yield from _breaks(glob, template, kind, config, now)
        for key in sorted(_data_keys(template) - known) if kinds else ():
            told = ", ".join(kind.type for kind in kinds)
            yield f"template {glob!r}: data.{key} is not known to {told}"


def failing_templates(
    config: Config, recent: Iterable[Notification], now: int
) -> Iterator[str]:
    """What would break with what came in lately, as far as a few of it show."""
    tried: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    first: dict[str, str] = {}
    for row in recent:
        glob = glob_for(config.templates, row.event.type)
        if glob is None or tried[glob] >= RECENT:
            continue
        tried[glob] += 1
        message = render(
            row,
            _NOBODY,
            zone=config.timezone,
            application=config.application,
            now=now,
        )
        template = Template.model_validate(config.templates[glob])
        for where, fault in _failures(template, row, message, config):
            failed[glob] += 1
            first.setdefault(glob, f"{row.id}{where}: {fault}")
            break
    for glob, told in first.items():
        count = f"{failed[glob]} of {tried[glob]} recent notifications"
        yield f"template {glob!r} fails with {count}, as with {told}"


def _breaks(
    glob: str, template: Template, kind: type[Kind], config: Config, now: int
) -> Iterator[str]:
    notification = sampled(kind.sample, config, now)
    message = shown(kind.sample, config, now)
    for where, fault in _failures(template, notification, message, config):
        yield f"template {glob!r}{where} fails with our {kind.type}: {fault}"


def _failures(
    template: Template, notification: Notification, message: Message, config: Config
) -> Iterator[tuple[str, Fault]]:
    """(on which channel, why) for each that it says something of its own for."""
    for channel in ("", *template.channels):
        try:
            replaced(
                message,
                notification,
                _NOBODY,
                templates=config.templates,
                channel=channel,
                application=config.application,
            )
        except Fault as fault:
            yield f", on {channel}" if channel else "", fault


def _data_keys(template: Template) -> set[str]:
    """The keys of `data` that it names."""
    found: set[str] = set()
    for _, parts in blocks_of(template):
        for _, source in sources_of(parts):
            for node in parsed(source).find_all((nodes.Getattr, nodes.Getitem)):
                key = _key_of(node)
                if key:
                    found.add(key)
    return found


def _key_of(node: nodes.Node) -> str:
    root = getattr(node, "node", None)
    if not isinstance(root, nodes.Name) or root.name != "data":
        return ""
    if isinstance(node, nodes.Getattr):
        return node.attr
    key = node.arg if isinstance(node, nodes.Getitem) else None
    return str(key.value) if isinstance(key, nodes.Const) else ""
