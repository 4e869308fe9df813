// The filters above the list of notifications; what they say stands in the address.

import { readHealth } from "./api.js";
import { el } from "./dom.js";
import { choice, SEVERITIES } from "./parts.js";
import { words } from "../words.js";

export const NAMES = ["state", "status", "severity", "type", "source", "destination", "since"];
const W = words.list;
const STATUSES = ["queued", "processing", "failed", "dead_letter", "sent", "acknowledged", "suppressed", "cancelled"];

/** The row of controls; `changed` gets all values each time one changes. */
export function filters(query, changed) {
  const controls = {
    state: picked("state", [["", W.filters.state], ...["firing", "resolved", "notice"].map((each) => [each, words.statuses[each]])], query),
    severity: picked("severity", severities(), query),
    status: picked("status", [["", W.filters.status], ...STATUSES.map((each) => [each, words.statuses[each]])], query),
    destination: picked("destination", [["", W.filters.destination]], query),
    since: picked("since", [["", W.any.since], ...Object.entries(W.since)], query),
    type: written("type", W.typeHint, query),
    source: written("source", W.sourceHint, query),
  };
  const told = () => changed(Object.fromEntries(Object.entries(controls).map(([name, each]) => [name, each.value.trim()])));
  for (const each of Object.values(controls)) each.addEventListener("change", told);
  name(controls.destination, query.get("destination"));
  const set = (asked) => {
    for (const [key, control] of Object.entries(controls)) {
      assure(control, asked.get(key) ?? "");
    }
  };
  return { row: el("div.filters", { role: "group", "aria-label": W.by }, Object.values(controls)), set };
}

function severities() {
  const least = SEVERITIES.slice(1, 4).map((each) => [`>=${each}`, W.atLeast(words.severities[each])]);
  return [["", W.filters.severity], ...least, ...SEVERITIES.map((each) => [each, words.severities[each]])];
}

function written(name, hint, query) {
  return el("input", { type: "search", placeholder: `${W.filters[name]}: ${hint}`, "aria-label": W.filters[name], value: query.get(name) ?? "", maxlength: "200" });
}

function picked(name, options, query) {
  const control = choice(name, options, "", { "aria-label": W.filters[name] });
  assure(control, query.get(name) ?? "");
  return control;
}

/** A value out of an address may be one that the list does not offer. */
function assure(control, value) {
  if (control.options && ![...control.options].some((each) => each.value === value)) {
    control.append(el("option", { value }, value));
  }
  control.value = value;
}

async function name(control, chosen) {
  const known = await readHealth().catch(() => ({ destinations: {} }));
  const names = Object.keys(known.destinations);
  for (const each of names) {
    if (each !== chosen) control.append(el("option", { value: each }, each));
  }
}
