"""The pages for people: each is found from README, and every link in them leads on."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from local.place import ROOT

PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "client" / "README.md",
        *(ROOT / "examples").rglob("*.md"),
    ]
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
DECISIONS = ROOT / "docs" / "adr"


@cache
def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(
        r"^ *```.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE
    )


@cache
def anchors(page: Path) -> frozenset[str]:
    """What GitHub calls the page's headings."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each) for each in headings]
    plain = [re.sub(r"[^\w\s-]", "", each.strip().lower()) for each in words]
    return frozenset(each.replace(" ", "-") for each in plain)


def links(page: Path) -> list[tuple[Path, str]]:
    """(file or folder, anchor) of each link within this repository."""
    found = []
    for link in LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            found.append(((page.parent / path).resolve() if path else page, anchor))
    return found


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name(target)}#{anchor}"


def test_every_page_is_found_from_readme() -> None:
    found, left = set[Path](), [ROOT / "README.md"]
    while left:
        page = left.pop()
        found.add(page)
        targets = [target for target, _ in links(page)]
        pages = [one / "README.md" if one.is_dir() else one for one in targets]
        left += [one for one in pages if one in PAGES and one not in found]

    assert not [name(page) for page in PAGES if page not in found]


def test_every_decision_is_listed_by_its_own_title() -> None:
    listed = (DECISIONS / "README.md").read_text()
    for page in sorted(DECISIONS.glob("0*.md"))[1:]:
        number, _, title = (
            prose(page).splitlines()[0].removeprefix("# ").partition(". ")
        )

        assert f"\n{number}. [{title}]({page.name})\n" in listed
        assert page.name.startswith(f"{int(number):04}-")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:\w+/)+\w+\.py)\b", page.read_text())
    places = (ROOT, ROOT / "layers" / "core" / "tocsin", page.parent)

    lost = [one for one in named if not any((each / one).exists() for each in places)]
    assert not lost
