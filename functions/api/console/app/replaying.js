// How dead letters are sent again: which of them, and where to.

import { read } from "./api.js";
import { el } from "./dom.js";
import { choice, field } from "./parts.js";
import { grouped } from "./time.js";
import { words } from "../words.js";

const W = words.dead;

/** {name: disabled} of the destinations there are; none where they cannot be read. */
export async function places() {
  const known = await read("/health").catch(() => ({ destinations: {} }));
  return Object.fromEntries(Object.entries(known.destinations).map(([name, each]) => [name, each.disabled]));
}

/** Where to: as it was, or another destination. */
export function whereTo(known) {
  const names = Object.entries(known).map(([name, disabled]) => [name, disabled ? W.disabledThere(name) : name]);
  const control = choice("to", [["", W.asItWas], ...names], "");
  for (const option of control.options) option.disabled = Boolean(known[option.value]);
  return field(W.where, control, W.whereHint);
}

/** Which: all, or only what is still open; `tell` gets how many that is. */
export function which(all, open, tell) {
  const rows = [["", W.all(grouped(all)), all], ["open", W.onlyOpen(grouped(open)), open]].map(([value, label, count]) => {
    const box = el("input", { type: "radio", name: "only", value, onchange: () => tell(count) });
    box.checked = !value;
    box.disabled = !count;
    return el("label.check", {}, box, label);
  });
  return el("fieldset", {}, el("legend", {}, W.which), rows, el("small.hint", {}, W.openHint));
}

/** What the form says, as the API calls it. */
export function asked(form) {
  return Object.fromEntries(["only", "to"].map((name) => [name, form.get(name)]).filter(([, value]) => value));
}
