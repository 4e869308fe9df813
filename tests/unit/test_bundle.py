"""The console's modules, bundled into one script that does what they did apart."""

from __future__ import annotations

import pytest

from tocsin.api.bundle import bundled

WORDS = 'export const words = { hello: "Hello" };\n'
GREET = """// Greeting.

import { words } from "../words.js";

export function greet(name) {
  return `${words.hello} ${name}`;
}

export class Loud {}
"""
MAIN = """import { greet, Loud } from "./greet.js";
import { words } from "../words.js";

export async function main() {}
console.log(greet("you"), new Loud(), words);
"""
FILES = {"app/main.js": MAIN, "app/greet.js": GREET, "words.js": WORDS}


def test_what_is_imported_comes_first_and_once() -> None:
    script = bundled(FILES, "app/main.js")

    places = [script.index(f"// {path}\n") for path in reversed(FILES)]
    assert places == sorted(places)
    assert script.count('hello: "Hello"') == 1


def test_a_module_returns_what_it_exports_and_takes_what_it_imports() -> None:
    script = bundled(FILES, "app/main.js")

    assert "const m0 = (() => { const words = {" in script
    assert "return { words };\n})();" in script
    assert "const { words } = m0;\n" in script
    assert "return { greet, Loud };" in script
    assert "const { greet, Loud } = m1;" in script
    assert "return { main };" in script


def test_what_nobody_imports_is_left_out() -> None:
    assert "secret" not in bundled({**FILES, "x.js": "secret"}, "app/main.js")


@pytest.mark.parametrize(
    "line",
    [
        "export default words;",
        "export { words };",
        'export * from "./x.js";',
        "export let words = 1;",
        'import words from "./x.js";',
        'import { words as said } from "./x.js";',
        'import "./x.js";',
    ],
)
def test_a_form_that_it_does_not_know_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"words\.js: cannot be bundled"):
        bundled({**FILES, "words.js": WORDS + line + "\n"}, "app/main.js")


def test_modules_that_import_each_other_are_refused() -> None:
    back = 'import { main } from "./app/main.js";\n' + WORDS
    with pytest.raises(ValueError, match="imports itself"):
        bundled({**FILES, "words.js": back}, "app/main.js")


def test_a_module_that_is_not_there_is_missed() -> None:
    with pytest.raises(KeyError):
        bundled({"app/main.js": MAIN}, "app/main.js")
