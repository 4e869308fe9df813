// Silences: what is kept quiet, for how long, and why.

import { call, post, read } from "./api.js";
import { calendar } from "./calendar.js";
import { el, fill, holding } from "./dom.js";
import { ask, badge, choice, empty, field, skeleton, toast, trouble } from "./parts.js";
import { waiting } from "./preview.js";
import { minute } from "./time.js";
import { words } from "../words.js";

const W = words.routes;
const ORDER = ["active", "waiting", "ended"];

/** The list, and how one is made and ended. */
export function silences(root, signal) {
  const body = el("div", {}, skeleton(3));
  const days = el("div");
  const held = el("div");
  const add = el("button.primary", { type: "button", onclick: () => create(load) }, W.newSilence);
  // What is below comes when the strip is there: else it would move under the reader.
  const below = el("div", { hidden: true }, body, held);
  fill(root, el("div.row.spread", {}, el("p.lead", {}, W.noSilencesHint), add), days, below);
  waiting(held, signal);
  const again = calendar(days, signal, () => (below.hidden = false));
  let known = false;
  async function load() {
    if (known) again();
    known = true;
    try {
      const { silences: all } = await read("/silences", {}, signal);
      holding(body, () => fill(body, all.length ? el("ul.cards", {}, inOrder(all).map((each) => card(each, load))) : empty(W.noSilences)));
    } catch (problem) {
      if (problem.name !== "AbortError") fill(body, trouble(problem, load));
    }
  }
  load();
}

/** What holds now comes first, and of that what ends first. */
function inOrder(all) {
  const rank = ({ state }) => ORDER.indexOf(state);
  const end = (each) => each.active_until ?? each.ends_at ?? "~";
  return [...all].sort((one, other) => rank(one) - rank(other) || (end(one) < end(other) ? -1 : 1));
}

function card(each, load) {
  const asked = Object.entries(each.match).map(([name, value]) => `${name} ${[value].flat().join(", ")}`);
  const until = each.active_until ?? each.ends_at;
  const end = el("button", { type: "button", "data-hold": each.id, onclick: () => finish(each, load) }, W.end);
  return el(
    "li.card",
    {},
    el("div.row", {}, el("b", {}, asked.join(" · ") || W.all), badge(each.state)),
    each.comment ? el("p", {}, each.comment) : null,
    el("p.faint", {}, `${W.doing[each.kind]} ${W.by} ${each.author}`, each.state === "waiting" ? [`, ${W.begins} `, minute(each.starts_at)] : null, until ? [`, ${W.ends} `, minute(until)] : `, ${W.recurs}`),
    each.state === "ended" ? null : el("div.row", {}, end),
  );
}

async function create(load) {
  const globs = ["type", "source", "branch"].map((name) => field(W.match[name], el("input", { name, autocomplete: "off" }), W.matchHint));
  const severity = choice("severity", [["", words.list.any.severity], ...["low", "medium", "high"].map((each) => [`<=${each}`, words.list.atMost(words.severities[each])])], "");
  const wide = el("p.reason.bad", { role: "status" }, W.everything);
  const tell = () => (wide.hidden = [...match.querySelectorAll("input, select")].some((each) => each.value.trim()));
  const match = el("div", { oninput: tell }, globs, field(W.match.severity, severity));
  const done = await ask({
    title: W.newSilence,
    body: [
      match,
      wide,
      field(W.length, choice("for", W.lengths, "2h")),
      field(W.kind, choice("kind", W.kinds, "silence")),
      later(),
      field(W.comment, el("input", { name: "comment", maxlength: "500", autocomplete: "off" }), W.commentHint),
    ],
    confirm: W.create,
    act: (form) => post("/silences", bodyOf(form)),
  });
  if (done) toast(W.created);
  load();
}

/** When it begins, and whether it comes again: folded up, since most hold from now on. */
function later() {
  const hour = (name, label, value) => field(label, el("input", { type: "time", name, value }));
  return el(
    "details",
    {},
    el("summary", {}, W.later),
    el(
      "div.folded",
      {},
      field(W.starts, el("input", { type: "datetime-local", name: "starts" }), W.startsHint),
      field(W.again, choice("days", W.days, ""), W.againHint),
      el("div.pair", {}, hour("from", W.from, "22:00"), hour("to", W.to, "07:00")),
    ),
  );
}

function bodyOf(form) {
  const match = {};
  for (const name of ["type", "source", "branch"]) {
    const globs = form.get(name).split(",").map((each) => each.trim()).filter(Boolean);
    if (globs.length) match[name] = globs;
  }
  if (form.get("severity")) match.severity = form.get("severity");
  const body = { match, kind: form.get("kind"), comment: form.get("comment") };
  if (form.get("for")) body.for = form.get("for");
  if (form.get("starts")) body.starts_at = new Date(form.get("starts")).toISOString();
  if (form.get("days")) {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    body.recurring = { from: form.get("from"), to: form.get("to"), days: form.get("days"), timezone: timeZone };
  }
  return body;
}

async function finish(each, load) {
  const done = await ask({ title: W.askEnd, body: el("p", {}, W.endLead), confirm: W.end, act: () => call("DELETE", `/silences/${each.id}`) });
  if (done) toast(W.ended);
  load();
}
