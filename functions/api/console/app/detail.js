// One notification: what, how bad, since when, who is on it, and why it went where it went.

import { acknowledge, release, replay, resolve } from "./acting.js";
import { read, ROOT } from "./api.js";
import { el, fill, icon, outward } from "./dom.js";
import { json } from "./json.js";
import { keepCurrent } from "./live.js";
import { badge, copyButton, empty, look, severityIcon, skeleton, trouble } from "./parts.js";
import { previewOf } from "./preview.js";
import { asCurl } from "./samples.js";
import { duration, moment, stamp } from "./time.js";
import { words } from "../words.js";

const W = words.detail;
const EVERY = 5_000;

/** Show it in `pane`, and keep it current until the signal aborts. */
export function showDetail(pane, id, { signal, back, changed }) {
  let said = "";
  const body = el("div.detail", {}, skeleton(7));
  const leave = el("button.quiet.back", { type: "button", onclick: back }, icon("back"), W.back);
  // Where the list is hidden, so is its heading.
  const wrong = el("div");
  fill(pane, el("h1.heard", {}, words.list.title), leave, wrong, body);
  const again = keepCurrent(load, EVERY, signal);
  async function load() {
    try {
      const found = await read(`/notifications/${encodeURIComponent(id)}`, {}, signal);
      fill(wrong);
      if (JSON.stringify(found) === said) return;
      said = JSON.stringify(found);
      const opened = [...body.querySelectorAll("details[open]")].map((each) => each.dataset.name);
      const held = body.contains(document.activeElement) ? document.activeElement.dataset.act : "";
      fill(body, ...drawn(found, act, previewOf(id, signal)));
      for (const each of body.querySelectorAll("details")) each.open ||= opened.includes(each.dataset.name);
      if (held) body.querySelector(`[data-act="${held}"]`)?.focus();
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (said) fill(wrong, trouble(problem));
      else fill(body, problem.status === 404 ? empty(W.gone) : trouble(problem));
      throw problem;
    }
  }
  async function act(what, found) {
    if (!(await what(found))) return;
    changed();
    again();
  }
}

function drawn(found, act, preview) {
  const over = isOver(found);
  return [
    el(
      "header.title",
      { "data-severity": over ? "resolved" : found.severity },
      el("span.look", { role: "img", "aria-label": words.severities[found.severity] }, look(found)),
      el("div", {}, el("h2", {}, found.title || found.message || found.type), facts(found)),
    ),
    someone(found),
    actions(found, act),
    found.message && found.title ? section(W.message, el("p.message", {}, found.message)) : null,
    eventFacts(found.event),
    section(W.deliveries, deliveries(found)),
    section(W.why, why(found)),
    section(W.timeline, timeline(found)),
    preview,
    raw(found),
  ];
}

function isOver(found) {
  return found.state === "resolved" || Boolean(found.resolved_at);
}

function section(title, ...content) {
  return el("section", {}, el("h3", {}, title), content);
}

function facts(found) {
  const parts = [
    [badge(isOver(found) ? "resolved" : found.state), " "],
    [`${severityIcon(found.severity)} ${words.severities[found.severity]}`],
    [`${W.since(found.state)} `, moment(found.accepted_at)],
  ];
  if (found.occurrences > 1) parts.push([`${words.list.seen(found.occurrences)}, ${W.last} `, moment(found.last_at)]);
  if (found.resolved_at) parts.push([`${W.over} ${W.after} ${duration(new Date(found.resolved_at) - new Date(found.accepted_at))}`]);
  parts.push([found.type]);
  if (found.branch) parts.push([found.branch]);
  if (found.source) parts.push([found.source]);
  return el("p.facts", {}, parts.map((part) => el("span", {}, part)));
}

function someone(found) {
  if (isOver(found)) return el("p.someone", { "data-state": "over" }, W.who.notNeeded);
  if (found.ack_at) {
    return el(
      "p.someone",
      { "data-state": "taken" },
      el("b", {}, `👀 ${W.who.by(found.ack_by)}`), ` ${W.who.since} `, moment(found.ack_at),
      found.ack_until ? [`, ${W.who.until} `, stamp(found.ack_until)] : null,
      found.ack_note ? el("q", {}, found.ack_note) : null,
    );
  }
  if (found.state === "notice") return el("p.someone", { "data-state": "over" }, W.who.notice);
  return el("p.someone", { "data-state": "open" }, W.who.nobody);
}

function actions(found, act) {
  const over = isOver(found);
  const dead = found.deliveries.some((each) => each.status === "dead_letter");
  const button = (kind, name, what) =>
    el(kind, { type: "button", "data-act": name, onclick: () => act(what, found) }, W[name]);
  return el(
    "div.actions",
    {},
    over || found.ack_at ? null : button("button.primary", "acknowledge", (one) => acknowledge([one])),
    over || !found.ack_at ? null : button("button", "release", release),
    over ? null : button("button", "resolve", (one) => resolve([one])),
    dead ? button("button", "replay", replay) : null,
    copyButton(() => asCurl(ROOT, found.event), words.copy.curl),
    copyButton(found.id, words.copy.id),
  );
}

function eventFacts(event) {
  const fields = (event.fields ?? []).map((each) => [el("dt", {}, each.name), el("dd", {}, each.value)]);
  const links = (event.links ?? []).map((each) => el("li", {}, outward(each.url, each.label || each.url)));
  return [
    fields.length ? section(W.facts, el("dl.pairs", {}, fields)) : null,
    links.length ? section(W.links, el("ul.links", {}, links)) : null,
  ];
}

function deliveries(found) {
  if (!found.deliveries.length) {
    return el("p", {}, found.suppressed ? `${W.suppressed} ${found.suppressed}` : W.noDeliveries);
  }
  return el("ul.deliveries", {}, found.deliveries.map(delivery));
}

function delivery(each) {
  const small = [];
  if (each.route) small.push(`${W.viaRoute} ${each.route}`);
  if (each.attempts) small.push(W.attempts(each.attempts));
  if (each.generation) small.push(W.generation(each.generation));
  if (each.possibly_sent) small.push(W.possibly);
  return el(
    "li",
    {},
    el("div.row", {}, el("b", {}, each.destination), badge(each.status), el("span.faint", {}, small.join(" · "))),
    each.reason ? el("p.reason", {}, each.reason) : null,
    each.status === "failed" && each.due_at ? el("p.faint", {}, `${W.due} `, moment(each.due_at)) : null,
  );
}

function why(found) {
  if (!found.trace.length) return el("p.faint", {}, W.noTrace);
  const steps = found.trace.map((step) =>
    el("li", { "data-taken": step.verdict.startsWith("taken") ? "yes" : null }, el("b", {}, step.rule), el("span", {}, step.verdict)),
  );
  const resolves = found.resolves
    ? el("p", {}, `${W.resolves} `, el("a", { href: `#/notifications/${found.resolves}` }, found.resolves))
    : null;
  return [el("p.faint", {}, W.whyLead), el("ol.why", {}, steps), resolves];
}

/** All that happened, in order: it came in, each line of each delivery, each action. */
function timeline(found) {
  const lines = [{ at: found.accepted_at, what: `${W.accepted}, ${W.sentBy} ${found.sender || "–"}`, note: "", kind: "in" }];
  for (const each of found.deliveries) {
    for (const line of each.log) {
      lines.push({ at: line.at, what: `${each.destination}: ${W.told[line.what] ?? line.what}`, note: line.reason, kind: line.what });
    }
  }
  for (const each of found.actions) {
    lines.push({ at: each.at, what: `${each.actor} ${W.told[each.what] ?? each.what}`, note: each.note, kind: "person" });
  }
  if (found.occurrences > 1) lines.push({ at: found.last_at, what: `${W.openedAgain} (${words.list.seen(found.occurrences)})`, note: "", kind: "in" });
  lines.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  const rows = lines.map((line) =>
    el("li", { "data-kind": line.kind }, stamp(line.at), el("span", {}, line.what, line.note ? el("q", {}, line.note) : null)),
  );
  return el("ol.timeline", {}, rows);
}

function raw(found) {
  return el("details", { "data-name": "raw" }, el("summary", {}, W.raw), json(found.event, W.raw));
}
