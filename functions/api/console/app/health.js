// How a destination is, in one word.

/** "ok", "disabled", "blocked", "failing" or "unused", of what the sender last saw. */
export function healthOf(known) {
  if (known.disabled) return "disabled";
  if (known.blocked_until && new Date(known.blocked_until) > new Date()) return "blocked";
  if (known.last_error && (!known.last_ok_at || known.last_error_at > known.last_ok_at)) return "failing";
  return known.last_ok_at ? "ok" : "unused";
}
