// How it is going, to be read in five seconds: what is open, what was sent, what is ill.

import { pages, read, readHealth, ROOT } from "./api.js";
import { el, fill, svg } from "./dom.js";
import { byHealth, healthOf, lastSent } from "./health.js";
import { keepCurrent } from "./live.js";
import { badge, SEVERITIES, severityIcon, skeleton, snippet, trouble } from "./parts.js";
import { address } from "./place.js";
import { firstEvent } from "./samples.js";
import { session } from "./session.js";
import { duration, grouped, moment, wait } from "./time.js";
import { words } from "../words.js";

const W = words.overview;
const EVERY = 10_000;
const MINUTES = 1440;
const KINDS = { sent: "ok", failed: "bad", dead_letter: "bad" };
const SHOWN = 12; // destinations, before the others are folded
const LATE = 120_000; // the sweep comes every minute

/** The page. */
export function overview(root, { signal }) {
  const body = el("div.overview", {}, drawn({}));
  const live = el("span.live", { hidden: true }, words.live.on);
  fill(root, el("div.head", {}, el("h1", {}, W.title), live), body);
  const asked = {
    open: () => pages("/notifications", "notifications", { state: "firing" }, 5, signal),
    metrics: () => read("/metrics", { minutes: MINUTES }, signal),
    health: readHealth,
  };
  let seen = "";
  keepCurrent(load, EVERY, signal);
  async function load() {
    const found = {};
    try {
      await Promise.all(
        Object.entries(asked).map(async ([name, ask]) => {
          found[name] = await ask();
          // At first each part is shown as it comes; later all change together.
          if (!seen) fill(body, drawn(found));
        }),
      );
      const firing = burning(found.open);
      found.fresh = !found.metrics.notifications && !firing.length && (await isEmpty(signal));
      said(live, "on");
      const told = JSON.stringify([firing, { ...found.metrics, until: "" }, found.health]);
      if (told === seen) return age(body, found.metrics);
      redraw(body, drawn(found));
      seen = told;
    } catch (problem) {
      if (problem.name === "AbortError") return;
      said(live, "off");
      if (!seen) fill(body, trouble(problem));
      throw problem;
    }
  }
}

function burning(open) {
  return open.found.filter((each) => each.state === "firing" && !each.resolved_at);
}

/** What stands still grows older all the same. */
function age(body, metrics) {
  body.querySelector("[data-card=queue]")?.replaceWith(queue(metrics.queue));
}

/** The focus stays on the link that has it. */
function redraw(body, nodes) {
  const held = body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const open = body.querySelector("details")?.open;
  fill(body, nodes);
  if (open) body.querySelector("details")?.setAttribute("open", "");
  if (held) [...body.querySelectorAll("a")].find((each) => each.getAttribute("href") === held)?.focus();
}

function said(live, state) {
  live.hidden = false;
  live.dataset.state = state;
  live.textContent = words.live[state];
}

/** Whether nothing at all has come in yet, not just nothing today. */
async function isEmpty(signal) {
  const { notifications, next } = await read("/notifications", { limit: 1 }, signal);
  return !notifications.length && !next;
}

/** What is not known yet is a grey card in its place. */
function drawn({ open, metrics: told, health, fresh }) {
  // Nothing of late may be nothing ever, which looks otherwise.
  const metrics = told?.notifications || fresh !== undefined ? told : null;
  return [
    open ? openNow(burning(open), open.more) : blank("open", 3),
    fresh ? firstSteps(health) : metrics ? sent(metrics) : blank("hours", 4),
    fresh ? null : metrics ? [share(metrics), latency(metrics)] : [blank("share", 1), blank("share", 1)],
    health ? dead(health) : blank("share", 1),
    fresh ? null : metrics ? queue(metrics.queue) : blank("share", 1),
    health && metrics ? destinations(health, metrics.destinations) : blank("health", 3),
  ];
}

function blank(kind, rows) {
  return el(`section.card.${kind}`, {}, skeleton(rows));
}

function openNow(firing, more) {
  const unseen = firing.filter((each) => !each.ack_at);
  const counts = SEVERITIES.map((severity) => [severity, firing.filter((each) => each.severity === severity).length]).filter(
    ([severity, count], index) => count || index < 4,
  );
  const tiles = counts.map(([severity, count]) =>
    el(
      "a.tile",
      { href: address(["notifications"], { state: "firing", severity }), "data-severity": severity, "data-none": count ? null : "yes" },
      el("span.look", { "aria-hidden": "true" }, severityIcon(severity)),
      el("b", {}, grouped(count)),
      el("span", {}, words.severities[severity]),
    ),
  );
  const line = firing.length ? `${W.open(firing.length, more)}, ${W.unseen(unseen.length)}` : W.calm;
  return el(
    "section.card.open",
    { "data-calm": firing.length ? null : "yes" },
    el("h2", {}, line),
    el("div.tiles", { role: "list", "aria-label": W.bySeverity }, tiles.map((tile) => el("div", { role: "listitem" }, tile))),
    waiting(unseen),
  );
}

function waiting(unseen) {
  const worst = [...unseen].sort((one, other) => rank(one) - rank(other) || (one.accepted_at < other.accepted_at ? -1 : 1)).slice(0, 4);
  if (!worst.length) return null;
  const rows = worst.map((each) =>
    el(
      "li",
      {},
      el("a", { href: address(["notifications", each.id]) }, el("span", { "aria-hidden": "true" }, severityIcon(each.severity)), el("span.cut", {}, each.title || each.message || each.type)),
      moment(each.accepted_at),
    ),
  );
  return [el("h3", {}, W.newest), el("ul.waiting", {}, rows)];
}

function rank(each) {
  return SEVERITIES.indexOf(each.severity);
}

/** Deliveries by the time at which their notification came in. */
function counted(slot) {
  const sum = { at: slot.at, ok: 0, bad: 0, rest: 0 };
  for (const [state, count] of Object.entries(slot.states)) sum[KINDS[state] ?? "rest"] += count;
  return sum;
}

function all(slot) {
  return slot.ok + slot.bad + slot.rest;
}

function sent(metrics) {
  const slots = metrics.slots.map(counted);
  const total = slots.reduce((sum, each) => sum + all(each), 0);
  const legend = Object.entries(W.legend).map(([kind, label]) => el("li", { "data-kind": kind }, label));
  const cut = metrics.complete ? null : el("p.faint", {}, W.since(grouped(metrics.notifications)), moment(metrics.since));
  return el(
    "section.card.hours",
    {},
    el("div.row", {}, el("h2", {}, W.deliveries), el("span.faint", {}, W.counted(total))),
    total ? bars(slots) : el("p.faint.quiet-day", {}, W.quiet),
    total ? el("ul.legend", {}, legend) : null,
    cut,
  );
}

const WIDTH = 720;
const HEIGHT = 280;

function bars(slots) {
  const most = Math.max(1, ...slots.map(all));
  const step = WIDTH / slots.length;
  const drawnBars = slots.map((each, index) => {
    let top = HEIGHT;
    const told = W.bar(hourName(each.at), each.ok, each.bad, each.rest);
    const parts = ["ok", "rest", "bad"].map((kind) => {
      const height = (each[kind] / most) * (HEIGHT - 34);
      top -= height;
      return height ? svg("rect", { x: index * step + 2, y: top, width: step - 4, height, rx: 2, "data-kind": kind }) : null;
    });
    const ground = svg("rect", { x: index * step + 2, y: HEIGHT - 2, width: step - 4, height: 2, "data-kind": "none" });
    const reach = svg("rect", { x: index * step, y: 0, width: step, height: HEIGHT, "data-kind": "reach" });
    return svg("g", {}, svg("title", {}, told), ground, parts, reach);
  });
  const labels = slots
    .map((each, index) => [each, (index + 0.5) * step])
    .filter((_, index) => index % 6 === 2)
    .map(([each, x]) => svg("text", { x, y: HEIGHT + 26, "text-anchor": "middle" }, hourName(each.at)));
  const scale = svg("text", { x: 0, y: 18 }, W.most(grouped(most)));
  const busiest = slots.find((each) => all(each) === most);
  const told = `${W.deliveries}: ${W.bar(hourName(busiest.at), busiest.ok, busiest.bad, busiest.rest)}`;
  return svg("svg.bars", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 32}`, role: "img", "aria-label": told }, scale, drawnBars, labels);
}

function hourName(at) {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/** A figure that is read at a glance, with what it means below. */
function figure(title, number, kind, ...more) {
  return el("section.card.share", {}, el("h2", {}, title), number ? el("b.big", { "data-kind": kind }, number) : null, more.filter(Boolean).map((each) => el("p.faint", {}, each)));
}

function share(metrics) {
  if (metrics.success === null) return figure(W.share, "", "", W.noShare);
  const good = metrics.states.sent ?? 0;
  const bad = (metrics.states.failed ?? 0) + (metrics.states.dead_letter ?? 0);
  const percent = Math.floor(metrics.success * 1000) / 10;
  return figure(W.share, `${percent} %`, bad ? "bad" : "ok", W.shareOf(good, good + bad));
}

function latency({ latency: took }) {
  if (!took.count) return figure(W.latency, "", "", W.noLatency);
  return figure(W.latency, wait(took.p50_ms), "", W.p95(wait(took.p95_ms)));
}

function queue(known) {
  const card = queueFigure(known);
  card.dataset.card = "queue";
  return card;
}

function queueFigure(known) {
  const overdue = known.overdue_since ? Date.now() - new Date(known.overdue_since) : 0;
  const late = overdue > LATE ? W.overdue(duration(overdue)) : null;
  if (!known.oldest_since) return figure(W.queue, W.noQueue, late ? "bad" : "ok", late ?? W.queueHint);
  const age = Math.max(0, Date.now() - new Date(known.oldest_since));
  return figure(W.queue, duration(age), age > LATE ? "bad" : "", W.waiting(known.waiting), late);
}

function dead(health) {
  const count = health.dead_letters;
  return el(
    "a.card.share",
    { href: address(["dead"]) },
    el("h2", {}, W.dead),
    el("b.big", { "data-kind": count ? "bad" : "ok" }, `${grouped(count)}${health.more_dead_letters ? "+" : ""}`),
    el("p.faint", {}, count ? W.someDead : W.noDead),
  );
}

function destinations(health, tallies) {
  const all = Object.entries(health.destinations).map(([name, known]) => ({ name, known, tally: tallies[name], how: healthOf(known, tallies[name]) }));
  all.sort((one, other) => byHealth(one.how, other.how) || (one.name < other.name ? -1 : 1));
  const ill = all.filter(({ how }) => !["ok", "unused"].includes(how)).length;
  const add = session.mayChange ? el("a.button.primary", { href: address(["setup", "destinations", "new"]) }, W.addDestination) : null;
  return el(
    "section.card.health",
    {},
    el("div.row", {}, el("h2", {}, W.destinations), all.length ? el("span.faint", {}, W.ill(ill)) : null),
    all.length ? some(all, Math.max(SHOWN, ill)) : [el("p.faint", {}, W.noDestinations), add],
  );
}

/** The first of them; the others are folded. */
function some(all, most) {
  const rows = all.map(destination);
  const rest = rows.splice(rows.length > most + 2 ? most : rows.length);
  return [el("ul", {}, rows), rest.length ? el("details.rest", {}, el("summary", {}, W.rest(rest.length)), el("ul", {}, rest)) : null];
}

function destination({ name, known, tally, how }) {
  const wrong = known.disabled_reason || known.last_error;
  const title = session.mayChange ? el("a.cut", { href: address(["setup", "destinations", name]), title: name }, name) : el("b.cut", { title: name }, name);
  return el("li", {}, title, badge(how), el("span.faint", {}, lastSent(known, tally)), wrong ? el("span.reason", {}, wrong) : null);
}

function firstSteps(health) {
  const links = [["setup", "destinations"], ["routes"], ["setup", "keys"]];
  const done = [Object.keys(health.destinations).length > 0];
  const steps = W.first.steps.map((text, index) =>
    el("li", { "data-done": done[index] ? "yes" : null }, session.mayChange ? el("a", { href: address(links[index]) }, text) : text),
  );
  return el("section.card.hours.first", {}, el("h2", {}, W.first.title), el("p.faint", {}, W.first.lead), el("ol.steps", {}, steps), snippet(firstEvent(ROOT), words.keys.curl));
}
