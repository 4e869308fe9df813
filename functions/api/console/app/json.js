// JSON as people read it: names, texts and numbers told apart, still one text to copy.

import { el } from "./dom.js";

const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;
// Bounded: a node for each word of a megabyte would keep the page from answering.
const LONGEST = 60_000;

/** A box that scrolls; `label` says what is in it. */
export function json(value, label) {
  const text = JSON.stringify(value, null, 2);
  return el("pre.json", { tabindex: "0", "aria-label": label }, text.length > LONGEST ? text : coloured(text));
}

function coloured(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(TOKENS)) {
    const [all, quoted, colon, other] = found;
    const kind = colon ? "name" : quoted ? "text" : "value";
    parts.push(text.slice(at, found.index), el("span", { "data-kind": kind }, quoted ?? other), colon ?? "");
    at = found.index + all.length;
  }
  return [...parts, text.slice(at)];
}
