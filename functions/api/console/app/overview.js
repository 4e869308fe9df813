// How it is going, to be read in five seconds: what is open, what was sent, what is ill.

import { pages, read, ROOT } from "./api.js";
import { el, fill, svg } from "./dom.js";
import { healthOf } from "./health.js";
import { keepCurrent } from "./live.js";
import { badge, SEVERITIES, severityIcon, skeleton, snippet, trouble } from "./parts.js";
import { address } from "./place.js";
import { firstEvent } from "./samples.js";
import { session } from "./session.js";
import { grouped, moment } from "./time.js";
import { words } from "../words.js";

const W = words.overview;
const EVERY = 10_000;
const HOUR = 3_600_000;
const HOURS = 24;
const KINDS = { sent: "ok", failed: "bad", dead_letter: "bad" };

/** The page. */
export function overview(root, { signal }) {
  const body = el("div.overview", {}, skeleton(5));
  fill(root, el("div.head", {}, el("h1", {}, W.title)), body);
  let seen = "";
  keepCurrent(load, EVERY, signal);
  async function load() {
    try {
      const [open, day, health] = await Promise.all([
        pages("/notifications", "notifications", { state: "firing" }, 5, signal),
        pages("/notifications", "notifications", { since: "24h" }, 5, signal),
        read("/health", {}, signal),
      ]);
      const firing = open.found.filter((each) => each.state === "firing" && !each.resolved_at);
      const said = JSON.stringify([firing, day, health, Math.floor(Date.now() / HOUR)]);
      if (said === seen) return;
      seen = said;
      fill(body, drawn({ firing, more: open.more, day, health }));
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (!seen) fill(body, trouble(problem));
      throw problem;
    }
  }
}

function drawn({ firing, more, day, health }) {
  const nothing = !day.found.length && !firing.length;
  return [
    openNow(firing, more),
    nothing ? firstSteps(health) : [sent(day), share(day)],
    dead(health),
    destinations(health),
  ];
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

/** Deliveries by the hour in which their notification came in. */
function hourly(day) {
  const now = Math.floor(Date.now() / HOUR);
  const hours = Array.from({ length: HOURS }, (_, index) => ({ hour: now - HOURS + 1 + index, ok: 0, bad: 0, rest: 0 }));
  for (const each of day.found) {
    const slot = hours[Math.floor(new Date(each.accepted_at) / HOUR) - now + HOURS - 1];
    for (const delivery of slot ? each.deliveries : []) slot[KINDS[delivery.status] ?? "rest"] += 1;
  }
  return hours;
}

function sent(day) {
  const hours = hourly(day);
  const all = hours.reduce((sum, each) => sum + each.ok + each.bad + each.rest, 0);
  const legend = Object.entries(W.legend).map(([kind, label]) => el("li", { "data-kind": kind }, label));
  return el(
    "section.card.hours",
    {},
    el("div.row", {}, el("h2", {}, W.deliveries), el("span.faint", {}, W.counted(all, day.more))),
    bars(hours),
    el("ul.legend", {}, legend),
  );
}

const WIDTH = 720;
const HEIGHT = 120;

function bars(hours) {
  const most = Math.max(1, ...hours.map((each) => each.ok + each.bad + each.rest));
  const step = WIDTH / HOURS;
  const drawnBars = hours.map((each, index) => {
    let top = HEIGHT;
    const told = W.bar(hourName(each.hour), each.ok, each.bad, each.rest);
    const parts = ["ok", "rest", "bad"].map((kind) => {
      const height = (each[kind] / most) * (HEIGHT - 6);
      top -= height;
      return height ? svg("rect", { x: index * step + 2, y: top, width: step - 4, height, rx: 2, "data-kind": kind }) : null;
    });
    const ground = svg("rect", { x: index * step + 2, y: HEIGHT - 2, width: step - 4, height: 2, "data-kind": "none" });
    return svg("g", {}, svg("title", {}, told), ground, parts);
  });
  const labels = hours
    .filter((_, index) => index % 6 === 5)
    .map((each, index) => svg("text", { x: (index * 6 + 6) * step - 2, y: HEIGHT + 26, "text-anchor": "end" }, hourName(each.hour)));
  return svg("svg.bars", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 32}`, role: "img", "aria-label": W.deliveries }, drawnBars, labels);
}

function hourName(hour) {
  return new Date(hour * HOUR).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

function share(day) {
  const ends = day.found.flatMap((each) => each.deliveries).map((each) => each.status);
  const good = ends.filter((each) => each === "sent").length;
  const bad = ends.filter((each) => ["dead_letter", "failed"].includes(each)).length;
  const all = good + bad;
  const percent = Math.floor((good / all) * 1000) / 10;
  return el(
    "section.card.share",
    {},
    el("h2", {}, W.share),
    all ? el("b.big", { "data-kind": bad ? "bad" : "ok" }, `${percent} %`) : el("p.faint", {}, W.noShare),
    all ? el("p.faint", {}, W.shareOf(good, all)) : null,
  );
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

function destinations(health) {
  const names = Object.keys(health.destinations);
  const add = session.mayChange ? el("a.button.primary", { href: address(["setup", "destinations", "new"]) }, W.addDestination) : null;
  const rows = names.map((name) => {
    const known = health.destinations[name];
    const wrong = known.disabled_reason || known.last_error;
    return el(
      "li",
      {},
      el("b.cut", {}, name),
      badge(healthOf(known)),
      el("span.faint", {}, `${W.lastOk} `, moment(known.last_ok_at)),
      wrong ? el("span.reason", {}, wrong) : null,
    );
  });
  return el(
    "section.card.health",
    {},
    el("h2", {}, W.destinations),
    names.length ? el("ul", {}, rows) : [el("p.faint", {}, W.noDestinations), add],
  );
}

function firstSteps(health) {
  const links = [["setup", "destinations"], ["routes"], ["setup", "keys"]];
  const done = [Object.keys(health.destinations).length > 0];
  const steps = W.first.steps.map((text, index) =>
    el("li", { "data-done": done[index] ? "yes" : null }, session.mayChange ? el("a", { href: address(links[index]) }, text) : text),
  );
  return el("section.card.hours.first", {}, el("h2", {}, W.first.title), el("p.faint", {}, W.first.lead), el("ol.steps", {}, steps), snippet(firstEvent(ROOT), words.keys.curl));
}
