// Moments and durations, in the viewer's own zone and as people say them.

import { el } from "./dom.js";
import { words } from "../words.js";

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const planned = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** The two largest units at most: "45 s", "12 min", "3 h 20 min". */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const at = UNITS.findIndex(([size]) => seconds >= size);
  if (at < 0) return "0 s";
  const [size, unit] = UNITS[at];
  const told = `${grouped(Math.floor(seconds / size))} ${unit}`;
  if (unit !== "d" && unit !== "h") return told;
  const [smaller, name] = UNITS[at + 1];
  const rest = Math.floor((seconds % size) / smaller);
  return rest ? `${told} ${rest} ${name}` : told;
}

/** "85 ms", "1.2 s", and longer ones as above. */
export function wait(ms) {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s` : duration(ms);
}

/** 12450 as "12,450". */
export function grouped(number) {
  return number.toLocaleString("en-US");
}

function ago(at) {
  const passed = Date.now() - at;
  if (Math.abs(passed) < 10_000) return words.time.now;
  return passed > 0 ? words.time.ago(short(passed)) : words.time.ahead(short(-passed));
}

function short(ms) {
  const seconds = Math.floor(ms / 1000);
  const [size, unit] = UNITS.find(([each]) => seconds >= each) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric" });

/** "Sat 21", as calendars head a day. */
export function dayName(at) {
  return weekday.format(at);
}

/** The exact moment, as it stands behind all others. */
export function exact(at) {
  return whole.format(at);
}

/** "12 min ago", with the exact moment behind it; kept true while it is shown. */
export function moment(iso) {
  if (!iso) return el("span.faint", {}, words.time.never);
  const at = new Date(iso);
  return el("time", { datetime: iso, title: whole.format(at), "data-live": "" }, ago(at.getTime()));
}

/** The time of day (with the day where it is not today's), exact behind it. */
export function stamp(iso) {
  return told(iso, clock);
}

/** The same to the minute, for what people plan. */
export function minute(iso) {
  return told(iso, planned);
}

function told(iso, format) {
  const at = new Date(iso);
  const today = day.format(new Date()) === day.format(at);
  return el("time", { datetime: iso, title: whole.format(at) }, today ? format.format(at) : `${day.format(at)} ${format.format(at)}`);
}

setInterval(() => {
  for (const each of document.querySelectorAll("time[data-live]")) {
    const told = ago(new Date(each.dateTime).getTime());
    if (each.textContent !== told) each.textContent = told;
  }
}, 10_000);
