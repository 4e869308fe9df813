"""The console's files: how they are served, and that they hold no trap."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.site import FILES, Site
from tests.browser.story import bare_world
from tests.fakes.api import api_event

LARGEST_FIRST_LOAD = 150_000
SCRIPTS = [*sorted(FILES.rglob("*.js"))]


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site(bare_world())
    yield served
    served.close()


def got(site: Site, path: str, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.respond(api_event("GET", path, headers=named))


def version(site: Site) -> str:
    page = got(site, "/console/")["body"]
    found = re.search(r'src="([0-9a-f]{16})/console.js"', page)
    assert found
    return found[1]


def test_the_bare_address_leads_to_the_page(site: Site) -> None:
    answer = got(site, "/console")

    assert answer["statusCode"] == 308
    assert answer["headers"]["location"] == "console/"


def test_the_page_and_its_files_forbid_everything_from_elsewhere(site: Site) -> None:
    for path in ("/console/", f"/console/{version(site)}/console.js"):
        headers = got(site, path)["headers"]
        policy = headers["content-security-policy"]

        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"


def test_a_file_may_be_kept_for_ever_and_the_page_is_asked_after(site: Site) -> None:
    kept = got(site, f"/console/{version(site)}/console.js")["headers"]
    page = got(site, "/console/")["headers"]

    assert "immutable" in kept["cache-control"]
    assert page["cache-control"] == "no-cache"
    again = got(site, "/console/", if_none_match=page["etag"])
    assert (again["statusCode"], again["body"]) == (304, "")


def test_files_are_sent_in_gzip_to_who_reads_it(site: Site) -> None:
    path = f"/console/{version(site)}/console.js"
    zipped = got(site, path, accept_encoding="br, gzip")
    plain = got(site, path)

    assert zipped["headers"]["content-encoding"] == "gzip"
    assert zipped["isBase64Encoded"]
    text = gzip.decompress(base64.b64decode(zipped["body"])).decode()
    assert text == plain["body"]


def test_the_page_brings_its_style_which_the_policy_knows_by_its_digest(
    site: Site,
) -> None:
    page = got(site, "/console/")
    style = "".join((FILES / f"{name}.css").read_text() for name in ("style", "pages"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"<style>{style}</style>" in page["body"]
    policy = page["headers"]["content-security-policy"]
    assert f"style-src 'sha256-{digest}';" in policy


def test_all_modules_come_as_one_script(site: Site) -> None:
    script = got(site, f"/console/{version(site)}/console.js")["body"]

    for path in SCRIPTS:
        assert f"// {path.relative_to(FILES)}\n" in script
    assert script.rindex("// app/main.js\n") == script.rindex("// app/")


@pytest.mark.parametrize(
    "path",
    ["0000000000000000/console.js", "{version}/app.py", "{version}/..%2fapp.py"],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    named = path.format(version=version(site))

    assert got(site, f"/console/{named}")["statusCode"] == 404


def test_every_import_leads_to_a_file() -> None:
    for path in SCRIPTS:
        for name in re.findall(r'from "([^"]+)"', path.read_text()):
            assert (path.parent / name).resolve().is_file(), f"{path.name}: {name}"


def test_the_first_load_is_small_and_one_call_after_the_other(site: Site) -> None:
    page = got(site, "/console/", accept_encoding="gzip")
    text = gzip.decompress(base64.b64decode(page["body"])).decode()
    named = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', text)
    script = got(site, f"/console/{named[0]}", accept_encoding="gzip")
    size = sum(len(base64.b64decode(each["body"])) for each in (page, script))

    assert named == [f"{version(site)}/console.js"]
    assert size < LARGEST_FIRST_LOAD


def test_no_script_ever_parses_html() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\("
    )
    for path in SCRIPTS:
        assert not forbidden.search(path.read_text()), path.name


def strings(source: str) -> Iterator[str]:
    """The string literals of a module, without what is put into templates."""
    quoted = r"""//[^\n]*|/\*.*?\*/|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"""
    for found in re.finditer(quoted, source, re.DOTALL):
        if found[1]:
            yield re.sub(r"\$\{[^}]*\}", "", found[1][1:-1])


def test_all_that_is_said_stands_in_one_file() -> None:
    """Two words in a row are a text; what looks so and is none is named here."""
    text = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,}")
    code = {"noopener noreferrer", "openid profile email"}
    for path in SCRIPTS:
        if path.name == "words.js":
            continue
        found = [each for each in strings(path.read_text()) if text.search(each)]
        found = [each for each in found if not is_code(each) and each not in code]
        assert found == [], path.name


def is_code(text: str) -> bool:
    """Selectors, media queries and lines to copy."""
    return bool(re.match(r"[.#\[(]|nav a|curl |from tocsin_client|  -|export ", text))


def test_the_page_itself_has_no_inline_code() -> None:
    page = (FILES / "index.html").read_text()

    assert not re.search(r"\son\w+=|style=|<script(?![^>]*\ssrc=)", page)
    assert page.count("<style>") == page.count("<style>{style}</style>") == 1
