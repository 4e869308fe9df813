// How a destination is, in one word.

import { grouped, moment } from "./time.js";
import { words } from "../words.js";

const ORDER = ["disabled", "failing", "blocked", "ok", "unused"];
const W = words.overview;

/** "ok", "disabled", "blocked", "failing" or "unused", of what the sender last saw and
 * of what was sent of late. A success is written down only after a failure. */
export function healthOf(known, tally) {
  if (known.disabled) return "disabled";
  if (known.blocked_until && new Date(known.blocked_until) > new Date()) return "blocked";
  const last = lastOk(known, tally);
  const lost = (tally?.states.failed ?? 0) + (tally?.states.dead_letter ?? 0);
  if (known.last_error && (!last || known.last_error_at > last)) return "failing";
  return last ? "ok" : lost ? "failing" : "unused";
}

/** When something was last sent there, and how it went, for people. */
export function lastSent(known, tally) {
  const last = lastOk(known, tally);
  return last ? [`${W.lastOk} `, moment(last), counts(tally)] : [W.neverOk, counts(tally)];
}

/** What is ill comes first. */
export function byHealth(one, other) {
  return ORDER.indexOf(one) - ORDER.indexOf(other);
}

function lastOk(known, tally) {
  const times = [known.last_ok_at, tally?.last_sent_at].filter(Boolean).sort();
  return times.at(-1);
}

function counts(tally) {
  const { sent = 0, failed = 0, dead_letter: dead = 0 } = tally?.states ?? {};
  const parts = [[sent, W.sent], [failed, W.failing], [dead, W.lost]].filter(([count]) => count);
  return parts.length ? ` · ${parts.map(([count, say]) => say(grouped(count))).join(", ")}` : "";
}
