// JSON as people read it: indented, coloured by kind, and never anything but text.
import { el } from "./dom.js";

/** The nodes of a value; nested values are indented by two spaces each. */
export function jsonNodes(value, indent = "") {
  if (Array.isArray(value)) return listed(value.map((one) => [null, one]), "[", "]", indent);
  if (value && typeof value === "object") return listed(Object.entries(value), "{", "}", indent);
  const kind = value === null ? "null" : typeof value;
  return [el("span", { class: `json-${kind}` }, JSON.stringify(value))];
}

function listed(pairs, open, close, indent) {
  if (!pairs.length) return [open + close];
  const deeper = `${indent}  `;
  const rows = pairs.map(([name, value], place) => [
    `\n${deeper}`,
    name === null ? null : [el("span", { class: "json-name" }, JSON.stringify(name)), ": "],
    jsonNodes(value, deeper),
    place < pairs.length - 1 ? "," : null,
  ]);
  return [open, ...rows, `\n${indent}${close}`];
}
