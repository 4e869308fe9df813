// A text area with numbered lines, one of which may be marked as wrong.

import { el, fill } from "./dom.js";

const LINE = 20;
const TOP = 12;

/** {node, text, mark(line), goTo(line)}; `changed` is called as one types. */
export function editor(label, changed) {
  const gutter = el("div.gutter", { "aria-hidden": "true" });
  const area = el("textarea", { "aria-label": label, spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off" });
  let marked = 0;
  function number() {
    const count = area.value.split("\n").length;
    if (gutter.childElementCount !== count) {
      fill(gutter, Array.from({ length: count }, (_, index) => el("div", {}, String(index + 1))));
    }
    for (const [index, line] of [...gutter.children].entries()) line.toggleAttribute("data-wrong", index + 1 === marked);
    gutter.scrollTop = area.scrollTop;
  }
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  area.addEventListener("input", () => {
    marked = 0;
    number();
    changed();
  });
  area.addEventListener("keydown", (event) => indented(event, area));
  return {
    node: el("div.editor", {}, gutter, area),
    /** Whether it may be written in. */
    set ready(ready) {
      area.readOnly = !ready;
    },
    get text() {
      return area.value;
    },
    set text(value) {
      area.value = value;
      marked = 0;
      number();
    },
    mark(line) {
      marked = line;
      number();
    },
    goTo(line) {
      const lines = area.value.split("\n");
      const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
      area.scrollTop = Math.max(0, (line - 6) * LINE + TOP);
    },
  };
}

/** Enter keeps the indentation. Tab leaves the field, as everywhere. */
function indented(event, area) {
  if (event.key !== "Enter" || event.isComposing) return;
  const before = area.value.slice(0, area.selectionStart);
  const [space] = before.slice(before.lastIndexOf("\n") + 1).match(/^ */);
  if (!space) return;
  event.preventDefault();
  area.setRangeText(`\n${space}`, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
}
