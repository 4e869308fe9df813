// Slack's mrkdwn, read into nodes. What it does not know stays text.
import { el, link, webAddress } from "./dom.js";
import { exact, spell } from "./time.js";

const DEPTH = 8;
const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** Words without Slack's escapes and without what is unseen. */
export const words = (text) => text
  .replace(/&(?:amp|lt|gt);/g, (found) => entities[found])
  .replace(/[\u034f\u200b]/g, "");

/** Nodes for a mrkdwn text. */
export function mrkdwn(text) {
  const nodes = [];
  for (const [index, part] of text.split("```").entries()) {
    const code = index % 2 === 1;
    if (code) nodes.push(el("pre", {}, el("code", {}, words(part.replace(/^\n|\n$/g, "")))));
    else if (part.trim()) nodes.push(...lines(index ? part.replace(/^\n/, "") : part));
  }
  return nodes;
}

/** Consecutive lines that begin with > stand in one quote. */
function lines(text) {
  const nodes = [];
  for (const run of text.match(/(?:(?:>|&gt;)[^\n]*(?:\n|$))+|(?:(?!>|&gt;)[^\n]*(?:\n|$))+/g) ?? []) {
    if (!run) continue;
    const quoted = /^(?:>|&gt;)/.test(run);
    const inner = quoted ? run.replace(/^(?:>|&gt;) ?/gm, "") : run;
    const shown = spans(inner.replace(/\n$/, ""), 0);
    nodes.push(...(quoted ? [el("blockquote", {}, el("div", {}, shown))] : [...shown, "\n"]));
  }
  if (nodes.at(-1) === "\n") nodes.pop();
  return nodes;
}

// Tried in this order at every place. An unseen character before a sign counts as a
// letter, so that the sign neither begins nor ends anything.
const edge = "(?<![\\p{L}\\p{N}\u034f])";
const close = "(?<![\\s\u034f])";
const rules = [
  [/<([^<>]*)>/uy, angled],
  [new RegExp(`${edge}\`([^\`\\n]+)${close}\``, "uy"), (m) => el("code", { class: "inline" }, words(m[1]))],
  [new RegExp(`${edge}\\*(?=\\S)([^\\n]+?)${close}\\*(?![\\p{L}\\p{N}])`, "uy"), (m, d) => el("strong", {}, spans(m[1], d + 1))],
  [new RegExp(`${edge}_(?=\\S)([^\\n]+?)${close}_(?![\\p{L}\\p{N}])`, "uy"), (m, d) => el("em", {}, spans(m[1], d + 1))],
  [new RegExp(`${edge}~(?=\\S)([^\\n]+?)${close}~(?![\\p{L}\\p{N}])`, "uy"), (m, d) => el("s", {}, spans(m[1], d + 1))],
];
const special = /[<`*_~]/g;

function spans(text, depth) {
  if (depth > DEPTH) return [words(text)];
  const nodes = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push(words(plain));
    plain = "";
  };
  while (at < text.length) {
    special.lastIndex = at;
    const next = special.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
    if (at >= text.length) break;
    const found = span(text, at, depth);
    if (found) {
      flush();
      nodes.push(found.node);
    } else plain += text[at];
    at += found?.length ?? 1;
  }
  flush();
  return nodes;
}

function span(text, at, depth) {
  for (const [pattern, build] of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const node = match && build(match, depth);
    if (node) return { node, length: match[0].length };
  }
  return null;
}

/** What stands in angle brackets: an address, a moment, somebody. */
function angled([, inside]) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (/^https?:\/\//.test(target)) {
    const address = words(target);
    return webAddress(address) ? link(address, {}, words(label ?? address)) : null;
  }
  const moment = /^!date\^(-?\d{1,12})\^([^^]*)/.exec(target);
  if (moment) return time(Number(moment[1]), moment[2]);
  const who = /^!(channel|here|everyone)$/.exec(target)?.[1]
    ?? /^@([UW][A-Z0-9]+)$/.exec(target)?.[1] ?? /^!subteam\^(S[A-Z0-9]+)$/.exec(target)?.[1];
  if (!who) return null;
  return el("span", { class: "mention reached", title: "This mention pinged" }, `@${who}`);
}

const styles = {
  date: "D", date_short: "D", date_long: "D", date_num: "d", date_slash: "d",
  date_pretty: "D", date_short_pretty: "D", date_long_pretty: "D", time: "t", time_secs: "T", ago: "R",
};

function time(seconds, format) {
  const date = new Date(seconds * 1000);
  const shown = format.replace(/\{(\w+)\}/g, (whole, name) =>
    styles[name] ? (name.endsWith("pretty") && isToday(date) ? "Today" : spell(date, styles[name])) : whole);
  return el("time", { title: exact(date) }, shown);
}

const isToday = (date) => date.toDateString() === new Date().toDateString();
