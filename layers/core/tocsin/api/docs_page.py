"""The docs page: the OpenAPI document as one HTML page without any script.

Nothing is loaded from anywhere, so the page works offline under the strictest policy.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from tocsin.api.operation import Answer

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--blue:#2563eb;--green:#15803d;
--amber:#b45309;--red:#b91c1c}
@media(prefers-color-scheme:dark){:root{--blue:#60a5fa;--green:#4ade80;--amber:#fbbf24;
--red:#f87171}}
*{box-sizing:border-box}
body{margin:0;font:16px/1.55 system-ui,sans-serif;background:light-dark(#fff,#101117);
color:light-dark(#1b1c26,#e7e8ef)}
main{margin:0 auto;max-width:60rem;padding:2rem 1rem 6rem}
h1{margin:0 0 .2em;font-size:2rem;letter-spacing:-.02em}
h2{margin:2.2em 0 .5em;font-size:1.15rem;text-transform:capitalize}
a{color:var(--blue)}
nav a{margin-right:1em}
details{border:1px solid var(--line);border-radius:8px;margin:.4rem 0}
summary{cursor:pointer;padding:.55rem .8rem;display:flex;gap:.8rem;flex-wrap:wrap;
align-items:baseline}
summary:focus-visible{outline:2px solid var(--blue);border-radius:8px}
summary>span:last-child{opacity:.75;flex-basis:100%}
.verb{font:700 .8rem ui-monospace,monospace;min-width:4.2em}
.get{color:var(--blue)}.post{color:var(--green)}.put{color:var(--amber)}
.delete{color:var(--red)}
.key{margin-left:auto;font-size:.8rem;opacity:.75}
.inside{padding:0 .8rem .8rem;border-top:1px solid var(--line)}
code,pre{font:.86rem/1.5 ui-monospace,monospace}
pre{background:var(--soft);padding:.7rem;border-radius:6px;overflow:auto}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;
border-bottom:1px solid var(--line);overflow-wrap:anywhere}
"""


def answer(document: Mapping[str, Any]) -> Answer:
    """The page, under a policy that allows its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
    }
    return Answer(render(document), 200, headers, "text/html; charset=utf-8")


def render(document: Mapping[str, Any]) -> str:
    """The document as a page."""
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    return "".join(
        [
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}: the API</title><style>{_STYLE}</style>",
            f"<main><h1>{title}</h1><p>{escape(info['description'])}</p>",
            "<p>Give a key with every call: <code>Authorization: Bearer toc_…</code>.",
            " Refusals are problem details (RFC 9457) that name field and reason.",
            ' As a file: <a href="v1/openapi.json">openapi.json</a>.</p>',
            *_resources(document),
            "<h2>Shapes</h2>",
            *_shapes(document["components"]["schemas"]),
            "</main></html>",
        ]
    )


def _resources(document: Mapping[str, Any]) -> Iterator[str]:
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            drawn = _operation(method, path, described)
            by_tag.setdefault(described["tags"][0], []).append(drawn)
    links = "".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in by_tag)
    yield f"<nav>{links}</nav>"
    for tag, drawn_ones in by_tag.items():
        yield f'<h2 id="{escape(tag)}">{escape(tag)}</h2>'
        yield from drawn_ones


def _operation(method: str, path: str, described: Mapping[str, Any]) -> str:
    keys = [scope for each in described["security"] for scope in each.get("key", [])]
    key = f"{keys[0]} key" if keys else "no key"
    return (
        f'<details><summary><span class="verb {method}">{method.upper()}</span>'
        f'<code>{escape(path)}</code><span class="key">{escape(key)}</span>'
        f"<span>{escape(described['summary'])}</span></summary>"
        f'<div class="inside">{"".join(_inside(described))}</div></details>'
    )


def _inside(described: Mapping[str, Any]) -> Iterator[str]:
    if described.get("parameters"):
        rows = "".join(_parameter(each) for each in described["parameters"])
        yield f"<h3>Parameters</h3><table>{rows}</table>"
    if "requestBody" in described:
        yield "<h3>Body</h3>"
        yield from _contents(described["requestBody"]["content"])
    yield "<h3>Answers</h3><table>"
    for status, each in described["responses"].items():
        schemas = "".join(_contents(each.get("content", {})))
        text = escape(each["description"])
        yield f"<tr><td><code>{status}</code></td><td>{text}{schemas}</td></tr>"
    yield "</table>"


def _parameter(each: Mapping[str, Any]) -> str:
    schema = each["schema"]
    told = each.get("description") or schema.get("description", "")
    return (
        f"<tr><td><code>{escape(each['name'])}</code></td>"
        f"<td>{escape(each['in'])}</td><td>{escape(told)}</td></tr>"
    )


def _contents(content: Mapping[str, Any]) -> Iterator[str]:
    for media, each in content.items():
        names = list(_named(each.get("schema", {})))
        links = ", ".join(f'<a href="#{name}">{name}</a>' for name in names)
        yield f"<p><code>{escape(media)}</code> {links}</p>"


def _named(schema: Any) -> Iterator[str]:
    """The shapes that a schema refers to."""
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield escape(schema["$ref"].rpartition("/")[2])
        for each in schema.values():
            yield from _named(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _named(each)


def _shapes(schemas: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in schemas.items():
        told = escape(" ".join(schema.get("description", "").split()))
        text = escape(json.dumps(schema, indent=2))
        yield (
            f'<details id="{escape(name)}"><summary><code>{escape(name)}</code>'
            f'<span>{told}</span></summary><div class="inside"><pre>{text}</pre></div>'
            "</details>"
        )
