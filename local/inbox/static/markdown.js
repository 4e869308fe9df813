// Discord's flavour of Markdown, read into nodes. What it does not know stays text.
import { el, link, webAddress } from "./dom.js";
import { exact, spell } from "./time.js";

const DEPTH = 12;

/**
 * Nodes for a text. `pings` says who was really reached (null inside embeds, where
 * nobody ever is); `inline` leaves out blocks, as titles and field names do;
 * `masked` allows [label](address).
 */
export function markdown(text, { pings = null, inline = false, masked = true } = {}) {
  const rules = { pings, masked };
  return inline ? spans(text, rules, 0) : blocks(text, rules, 0);
}

// -- blocks ---------------------------------------------------------------------

// A block ends its own line: the line end after it is not shown as an empty line.
const fence = /^```(?:([\w+#.-]*)\n)?([\s\S]*?)\n?```\n?/;

function blocks(text, rules, depth) {
  const nodes = [];
  let rest = text;
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(...spans(plain.replace(/\n$/, ""), rules, depth));
    plain = "";
  };
  while (rest) {
    const found = block(rest, rules, depth, plain === "" || plain.endsWith("\n"));
    if (found) {
      flush();
      nodes.push(found.node);
      rest = rest.slice(found.length);
      continue;
    }
    const cut = nextStop(rest);
    plain += rest.slice(0, cut);
    rest = rest.slice(cut);
  }
  flush();
  return nodes;
}

// Up to the next place where a block could begin: after a line end, or at a fence.
function nextStop(text) {
  const line = text.indexOf("\n") + 1 || text.length;
  const code = text.indexOf("```", 1);
  const tick = text[0] === "\\" ? 2 : 1;
  return Math.max(tick, code > 0 ? Math.min(line, code) : line);
}

function block(text, rules, depth, lineStart) {
  const code = fence.exec(text);
  if (code && code[2].trim()) return codeBlock(code);
  if (!lineStart || depth > DEPTH) return null;
  return quote(text, rules, depth) ?? heading(text, rules, depth) ?? list(text, rules, depth);
}

function codeBlock([whole, language, body]) {
  const node = el("pre", {}, el("code", { data: language ? { language } : {} }, body));
  return { node, length: whole.length };
}

function quote(text, rules, depth) {
  const all = /^>>> ([\s\S]+)/.exec(text);
  const lines = all ?? /^(?:> [^\n]*(?:\n|$))+/.exec(text);
  if (!lines) return null;
  const inner = all ? all[1] : lines[0].replace(/^> /gm, "").replace(/\n$/, "");
  const node = el("blockquote", {}, el("div", {}, blocks(inner, rules, depth + 1)));
  return { node, length: lines[0].length };
}

function heading(text, rules, depth) {
  const found = /^(#{1,3}|-#) +([^\n]+)(?:\n|$)/.exec(text);
  if (!found) return null;
  const level = found[1] === "-#" ? "small" : `h${found[1].length}`;
  const node = el("div", { class: `md-${level}` }, spans(found[2].trim(), rules, depth));
  return { node, length: found[0].length };
}

function list(text, rules, depth) {
  const found = /^(?: *(?:[-*]|\d+\.) [^\n]+(?:\n|$))+/.exec(text);
  if (!found) return null;
  const ordered = /^ *\d/.test(text);
  const items = found[0].trimEnd().split("\n").map((line) => {
    const [, indent, words] = /^( *)(?:[-*]|\d+\.) ([\s\S]*)$/.exec(line);
    const inner = spans(words, rules, depth + 1);
    return el("li", { class: indent.length > 1 ? "deep" : null }, inner);
  });
  const start = ordered ? /\d+/.exec(text)[0] : null;
  return { node: el(ordered ? "ol" : "ul", { start }, items), length: found[0].length };
}

// -- spans ----------------------------------------------------------------------

// Tried in this order at every place; each takes the match, the rules and the depth.
const inlineRules = [
  [/^\\([^\p{L}\p{N}\s])/u, (m) => m[1]],
  [/^```(?:[\w+#.-]*\n)?([\s\S]+?)```/, (m) => el("code", { class: "inline" }, m[1])],
  [/^(`{1,2})([^`](?:[\s\S]*?[^`])?)\1(?!`)/, (m) => el("code", { class: "inline" }, m[2])],
  [/^<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/, time],
  [/^<@!?(\d{1,20})>/, (m, r) => mention("@", m[1], r.pings?.users?.includes(m[1]), r)],
  [/^<@&(\d{1,20})>/, (m, r) => mention("@&", m[1], r.pings?.roles?.includes(m[1]), r)],
  [/^<#(\d{1,20})>/, (m) => el("span", { class: "mention" }, `#${m[1]}`)],
  [/^@(everyone|here)/, (m, r) => mention("@", m[1], r.pings?.everyone, r)],
  [/^<a?:(\w{2,32}):\d{1,20}>/, (m) => el("span", { class: "emoji" }, `:${m[1]}:`)],
  [/^\[((?:\\.|[^\]\\\n]|\[[^\]\n]*\]){1,1000})\]\(\s*<?(https?:\/\/[^\s<>]*?)>?(?:\s+"[^"]*")?\s*\)/, masked],
  [/^<(https?:\/\/[^\s<>]+)>/, (m) => link(m[1], {}, m[1])],
  [/^https?:\/\/[^\s<>]+[^\s<>.,:;"'\])]/, (m) => autolink(m[0])],
  [/^\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/s, (m, r, d) => el("strong", {}, spans(m[1], r, d + 1))],
  [/^__((?:\\.|[^\\])+?)__(?!_)/s, (m, r, d) => el("u", {}, spans(m[1], r, d + 1))],
  [/^~~((?:\\.|[^\\])+?)~~/s, (m, r, d) => el("s", {}, spans(m[1], r, d + 1))],
  [/^\|\|((?:\\.|[^\\])+?)\|\|/s, spoiler],
  [/^\*(?=\S)((?:\\.|\*\*|[^\\*])+?)\*(?!\*)/s, (m, r, d) => el("em", {}, spans(m[1], r, d + 1))],
  [/^_((?:\\.|__|[^\\_])+?)_(?![_\p{L}\p{N}])/su, (m, r, d) => el("em", {}, spans(m[1], r, d + 1))],
];

const special = /[\\`<@[*_~|]|https?:\/\//g;

function spans(text, rules, depth) {
  if (depth > DEPTH) return [text];
  const nodes = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    special.lastIndex = at;
    const next = special.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
    if (at >= text.length) break;
    const found = span(text.slice(at), rules, depth);
    if (!found) {
      plain += text[at++];
      continue;
    }
    if (typeof found.node === "string") plain += found.node;
    else {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(found.node);
    }
    at += found.length;
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function span(text, rules, depth) {
  for (const [pattern, build] of inlineRules) {
    const match = pattern.exec(text);
    const node = match && build(match, rules, depth);
    if (node) return { node, length: match[0].length };
  }
  return null;
}

function time([, seconds, style]) {
  const date = new Date(Number(seconds) * 1000);
  const props = { class: "moment", title: exact(date), data: { unix: seconds, style: style ?? "f" } };
  return el("time", props, spell(date, style ?? "f"));
}

function mention(sign, name, reached, rules) {
  const title = reached
    ? "This mention pinged"
    : rules.pings ? "Shown only: nobody was pinged" : "Embeds never ping anyone";
  return el("span", { class: reached ? "mention reached" : "mention", title },
    reached ? el("span", { class: "ping", "aria-label": "pinged" }, "🔔") : null,
    `${sign === "@&" ? "@role " : "@"}${name}`);
}

function masked(match, rules, depth) {
  if (!rules.masked || !webAddress(match[2])) return null;
  // As Discord does: a label that itself looks like an address is not a link.
  if (/https?:\/\/|discord\.gg/i.test(match[1])) return null;
  return link(match[2], {}, spans(match[1], { ...rules, masked: false }, depth + 1));
}

function autolink(text) {
  return webAddress(text) ? link(text, {}, text) : null;
}

function spoiler(match, rules, depth) {
  const open = (event) => event.currentTarget.classList.add("open");
  const props = { class: "spoiler", role: "button", tabindex: "0", title: "Spoiler", onclick: open };
  return el("span", props, spans(match[1], rules, depth + 1));
}
