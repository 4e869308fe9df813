// How a destination is, in one word.

import { moment } from "./time.js";
import { words } from "../words.js";

/** "ok", "disabled", "blocked", "failing" or "unused", of what the sender last saw. */
export function healthOf(known) {
  if (known.disabled) return "disabled";
  if (known.blocked_until && new Date(known.blocked_until) > new Date()) return "blocked";
  if (known.last_error && (!known.last_ok_at || known.last_error_at > known.last_ok_at)) return "failing";
  return known.last_ok_at ? "ok" : "unused";
}

/** When something was last sent there, for people. */
export function lastSent(known) {
  return known.last_ok_at ? [`${words.overview.lastOk} `, moment(known.last_ok_at)] : words.overview.neverOk;
}
