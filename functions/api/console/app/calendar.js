// The next seven days as a strip: silences, quiet hours, and when digests are told.

import { read } from "./api.js";
import { el, fill } from "./dom.js";
import { keepCurrent } from "./live.js";
import { skeleton, trouble } from "./parts.js";
import { dayName, duration, exact, minute } from "./time.js";
import { words } from "../words.js";

const W = words.calendar;
const DAYS = 7;
const EVERY = 60_000;

/** Draw it into `root`, and keep it current; `there` is called when it is there. Returns
 * what draws it anew at once. */
export function calendar(root, signal, there) {
  fill(root, skeleton(2));
  let seen = "";
  return keepCurrent(load, EVERY, signal);
  async function load() {
    try {
      const found = await read("/outlook", { days: DAYS + 1 }, signal);
      const days = midnights();
      const told = JSON.stringify([found.times, days[0].getTime(), Math.floor(Date.now() / 600_000)]);
      if (told === seen) return;
      seen = told;
      const open = root.querySelector("details")?.open;
      fill(root, drawn(found, days));
      there();
      if (open) root.querySelector("details").open = true;
    } catch (problem) {
      if (problem.name !== "AbortError" && !seen) fill(root, trouble(problem));
      there();
      throw problem;
    }
  }
}

/** The viewer's own midnights, from today's to that in seven days: not all are 24 h apart. */
function midnights() {
  const now = new Date();
  return Array.from({ length: DAYS + 1 }, (_, index) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + index));
}

function drawn(found, days) {
  const [from, to] = [days[0].getTime(), days[DAYS].getTime()];
  const times = found.times
    .map((each) => ({ ...each, from: new Date(each.starts_at).getTime(), to: each.ends_at ? new Date(each.ends_at).getTime() : to }))
    .filter((each) => each.from < to);
  const lanes = [...Map.groupBy(times, (each) => `${each.kind} ${each.id || each.name}`).values()];
  const share = (at) => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * 100;
  const kinds = [...new Set(times.map((each) => each.kind))];
  return el(
    "section.card.calendar",
    {},
    el("div.row", {}, el("h2", {}, W.title), el("span.faint", {}, W.zone(Intl.DateTimeFormat().resolvedOptions().timeZone))),
    lanes.length
      ? [strip(lanes, days, share), el("ul.legend", {}, kinds.map((kind) => el("li", { "data-kind": kind }, W.kinds[kind]))), table(times, found.more)]
      : el("p.faint", {}, W.none),
  );
}

/** A picture of the table below it, for those who see. */
function strip(lanes, days, share) {
  const names = days.slice(0, DAYS).map((day, index) => placed(el("span.day", {}, index ? dayName(day) : W.today), share(day), share(days[index + 1])));
  const now = share(Date.now());
  const rows = lanes.map((times) =>
    el("div.lane", {}, el("span.cut", {}, W.name(times[0])), el("div.track", {}, days.slice(1, DAYS).map((day) => placed(el("i"), share(day), share(day))), placed(el("span.now"), now, now), times.map((each) => bar(each, share)))),
  );
  return el(
    "div.strip",
    { role: "img", "aria-label": W.told(lanes.length) },
    el("div.lane.days", {}, el("span"), el("div.track", {}, names)),
    rows,
  );
}

function bar(each, share) {
  const title = each.kind === "digest" ? `${W.name(each)}: ${exact(each.from)}` : `${W.name(each)}: ${exact(each.from)} – ${each.ends_at ? exact(each.to) : W.openEnd}`;
  return placed(el("span.bar", { "data-kind": each.kind, title }), share(each.from), share(each.to));
}

function placed(node, from, to) {
  node.style.left = `${from}%`;
  node.style.width = `${to - from}%`;
  return node;
}

/** The same in words: for screen readers, for keyboards, and to be copied. */
function table(times, more) {
  const head = el("tr", {}, W.columns.map((each) => el("th", { scope: "col" }, each)));
  const rows = times.map((each) =>
    el(
      "tr",
      {},
      el("td", {}, W.kinds[each.kind]),
      el("td", {}, each.name || W.unnamed, each.except_for.length ? el("span.faint", {}, ` ${W.except(each.except_for)}`) : null),
      el("td", {}, minute(each.starts_at)),
      el("td", {}, ends(each)),
    ),
  );
  return el(
    "details",
    {},
    el("summary", {}, W.asTable),
    el("div.scroll", { tabindex: "0", role: "group", "aria-label": W.title }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows))),
    more ? el("p.faint", {}, W.more) : null,
  );
}

function ends(each) {
  if (each.kind === "digest") return W.atOnce;
  return each.ends_at ? [minute(each.ends_at), el("span.faint", {}, ` (${duration(each.to - each.from)})`)] : W.openEnd;
}
