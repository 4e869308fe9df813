// Channels without a screen of their own: drawn from what their receiver is handed.

import { el, outward } from "./dom.js";
import { json } from "./json.js";
import { badge } from "./parts.js";
import { stamp } from "./time.js";
import { words } from "../words.js";

const W = words.looks;
const DRAWN = { webhook, pagerduty, sms, apprise };
const STATES = { trigger: "firing", acknowledge: "acknowledged", resolve: "resolved" };
// GSM's alphabet: a text with any other sign has room for 70 in a part, not for 160.
const GSM = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z[\\\]^_a-z{|}~£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€]*$/;

/** Whether it is drawn here. */
export function isHanded(channel) {
  return channel in DRAWN;
}

/** A preview as its receiver shows it; one of a webhook is all that there is. */
export function handed(preview) {
  const node = DRAWN[preview.channel](preview.payload, preview);
  node.style.setProperty("--bar", preview.shown.colour);
  return node;
}

function pairs(rows) {
  return el("dl.pairs", {}, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

/** The call, as the receiver's own code meets it. */
function webhook(payload, { method, headers }) {
  return el(
    "div.look-on.call",
    {},
    el("p.look-line", {}, el("b", {}, method), ` ${W.yours}`),
    pairs(Object.entries(headers)),
    json(payload, W.payload),
    el("p.look-footer", {}, W.verify),
  );
}

/** An incident, as the list and its details tell it. */
function pagerduty(payload, { shown }) {
  const told = payload.payload ?? {};
  const state = STATES[payload.event_action];
  const details = Object.entries(told.custom_details ?? {});
  const links = (payload.links ?? []).map((each) => el("li", {}, outward(each.href, each.text || each.href)));
  const facts = [["severity", told.severity], ["source", told.source], ["group", told.group], ["class", told.class], ["key", payload.dedup_key]];
  return el(
    "div.look-on.pagerduty",
    {},
    el("div.row", {}, state ? badge(state, W.incident[payload.event_action]) : badge("", W.incident.change), told.timestamp ? stamp(told.timestamp) : null),
    el("b.look-title", {}, told.summary ?? shown.title),
    pairs(facts.filter(([, value]) => value).map(([name, value]) => [W.incident[name], value])),
    details.length ? [el("h5", {}, W.incident.details), pairs(details.map(([name, value]) => [W.incident[name] ?? name, el("span.look-body", {}, value)]))] : null,
    links.length ? el("ul.links", {}, links) : null,
    state && state !== "firing" ? el("p.look-footer", {}, W.incident.only) : null,
  );
}

function sms({ Message: text }) {
  const plain = GSM.test(text);
  const [one, many] = plain ? [160, 153] : [70, 67];
  const count = text.length <= one ? 1 : Math.ceil(text.length / many);
  return el("div.look-on.sms", {}, el("div.bubble", {}, el("p.look-body", {}, text)), el("p.look-footer", {}, W.parts(count, text.length, plain)));
}

/** Title and body, as a push message; each service has a way of its own. */
function apprise(payload) {
  return el(
    "div.look-on.push",
    { "data-kind": payload.type },
    el("p.look-who", {}, el("b", {}, payload.title), el("span.tag", {}, payload.type)),
    el("p.look-body", {}, payload.body),
    el("p.look-footer", {}, W.service),
  );
}
