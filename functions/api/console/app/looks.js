// How a message looks on each channel, near enough to judge it, drawn as plain nodes.

import { el, outward } from "./dom.js";
import { words } from "../words.js";

const W = words.looks;
const DRAWN = { discord, slack, telegram, whatsapp, email, teams, "": plain };
// Bounded: fifty thousand brackets would keep the page from answering for seconds.
const MARKS = /\*\*(.{1,500}?)\*\*|\x60([^\x60]{1,500})\x60|\[([^\]]{1,500})\]\((https?:[^)\s]{1,2000})\)/g;

/** Whether people see it in a way that can be drawn. */
export function isDrawn(channel) {
  return channel in DRAWN;
}

/** The message as that channel shows it; "" is none in particular. */
export function looked(channel, shown, name) {
  const node = DRAWN[channel](shown, name);
  node.style.setProperty("--bar", shown.colour);
  return node;
}

/** An author's own Markdown becomes nodes; what comes from elsewhere stays as it is. */
function said(text) {
  if (!text) return null;
  if (!text.markdown) return text.text;
  const parts = [];
  let at = 0;
  for (const found of text.text.matchAll(MARKS)) {
    parts.push(text.text.slice(at, found.index));
    const [all, bold, code, label, address] = found;
    parts.push(bold ? el("b", {}, bold) : code ? el("code", {}, code) : outward(address, label));
    at = found.index + all.length;
  }
  return [...parts, text.text.slice(at)];
}

function titled(shown, kind = "b.look-title") {
  const text = `${shown.icon} ${shown.title}`.trim();
  return el(kind, {}, shown.url ? outward(shown.url, text) : text);
}

function body(shown) {
  return [
    shown.state_line ? el("p.look-state", {}, shown.state_line) : null,
    shown.body ? el("p.look-body", {}, said(shown.body)) : null,
  ];
}

function code(shown) {
  return shown.code ? el("pre", { tabindex: "0", "aria-label": W.code }, shown.code) : null;
}

function facts(shown) {
  if (!shown.facts.length) return null;
  return el("dl.look-facts", {}, shown.facts.map((each) => el("div", { "data-inline": each.inline ? "yes" : null }, el("dt", {}, each.name), el("dd", {}, said(each)))));
}

/** Links as buttons; what would act does nothing here. */
function buttons(shown) {
  if (!shown.links.length) return null;
  return el("div.look-buttons", {}, shown.links.map((each) => el("span", { "data-acts": each.acts ? "yes" : null, title: each.acts ? W.acts : each.url }, each.label)));
}

function footer(shown) {
  return el("p.look-footer", {}, [shown.footer, clock(shown.at)].filter(Boolean).join(" · "));
}

function clock(at) {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

function picture(shown) {
  return shown.picture ? el("p.look-picture", {}, W.picture) : null;
}

function head(shown, name, tag) {
  return el("p.look-who", {}, el("b", {}, name), tag ? el("span.tag", {}, tag) : null, el("time", {}, clock(shown.at)));
}

function beside(kind, ...content) {
  return el(`div.look-on.${kind}`, {}, el("span.avatar.look", { "aria-hidden": "true" }, "🔔"), el("div", {}, content));
}

function discord(shown, name) {
  return beside(
    "discord",
    head(shown, name, "APP"),
    shown.preview || shown.pings.length ? el("p", {}, [...shown.pings, shown.preview ?? ""].join(" ")) : null,
    el("div.embed", {}, titled(shown), body(shown), facts(shown), code(shown), picture(shown), footer(shown)),
    buttons(shown),
  );
}

function slack(shown, name) {
  return beside(
    "slack",
    head(shown, name, "APP"),
    shown.preview ? el("p", {}, shown.preview) : null,
    el("div.embed", {}, titled(shown), body(shown), facts(shown), code(shown), picture(shown), buttons(shown), footer(shown)),
  );
}

function telegram(shown) {
  return el("div.look-on.telegram", {}, el("div.bubble", {}, titled(shown), body(shown), facts(shown), code(shown), footer(shown)), buttons(shown));
}

function whatsapp(shown) {
  return el("div.look-on.whatsapp", {}, el("div.bubble", {}, titled(shown), body(shown), facts(shown), code(shown), footer(shown)));
}

function email(shown, name) {
  const line = (label, text) => el("div", {}, el("dt", {}, label), el("dd", {}, text));
  const top = el("dl.look-lines", {}, line(W.from, name), line(W.subject, shown.preview ?? `${shown.icon} ${shown.title}`));
  return el("div.look-on.email", {}, top, el("div.letter", {}, titled(shown, "h4"), body(shown), facts(shown), code(shown), picture(shown), buttons(shown), footer(shown)));
}

function teams(shown, name) {
  return beside("teams", head(shown, name), el("div.embed", {}, titled(shown), body(shown), facts(shown), code(shown), picture(shown), buttons(shown), footer(shown)));
}

function plain(shown) {
  return el("div.look-on.teams", {}, el("div.embed", {}, titled(shown), body(shown), facts(shown), code(shown), buttons(shown), footer(shown)));
}
