// Moments in the viewer's own zone and language.

const formats = {
  t: { hour: "2-digit", minute: "2-digit" },
  T: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  d: { day: "2-digit", month: "2-digit", year: "numeric" },
  D: { day: "numeric", month: "long", year: "numeric" },
  f: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" },
  F: {
    weekday: "long", day: "numeric", month: "long", year: "numeric",
    hour: "2-digit", minute: "2-digit",
  },
  s: {
    day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit",
  },
  S: {
    day: "2-digit", month: "2-digit", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  },
};

const writers = new Map();

/** A moment (a Date) in one of Discord's timestamp styles. */
export function spell(date, style = "f") {
  if (Number.isNaN(date.getTime())) return "Invalid date";
  if (style === "R") return relative(date);
  const chosen = formats[style] ?? formats.f;
  if (!writers.has(chosen)) writers.set(chosen, new Intl.DateTimeFormat(undefined, chosen));
  return writers.get(chosen).format(date);
}

/** A moment to the second, with its zone: what a hover shows. */
export function exact(date) {
  if (Number.isNaN(date.getTime())) return "Invalid date";
  return date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
}

/** "Today at 09:41", "Yesterday at 17:02", or the date. */
export function stamp(date) {
  const days = dayNumber(new Date()) - dayNumber(date);
  if (days === 0) return `Today at ${spell(date, "t")}`;
  if (days === 1) return `Yesterday at ${spell(date, "t")}`;
  return spell(date, "s");
}

/** The same number for all moments of one day. */
export function dayNumber(date) {
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60000) / 86400000);
}

const steps = [
  ["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600],
  ["minute", 60], ["second", 1],
];

function relative(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const [unit, size] = steps.find(([, s]) => Math.abs(seconds) >= s) ?? steps.at(-1);
  const writer = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  return writer.format(Math.trunc(seconds / size), unit);
}
