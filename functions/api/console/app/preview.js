// Previews: the message as each channel shows it, and what its provider is handed.

import { post, read } from "./api.js";
import { CHANNELS } from "./channels.js";
import { el, fill } from "./dom.js";
import { handed, isHanded } from "./handed.js";
import { json } from "./json.js";
import { isDrawn, looked } from "./looks.js";
import { choice, skeleton, trouble } from "./parts.js";
import { minute } from "./time.js";
import { words } from "../words.js";

const W = words.looks;
const MOST = 12;

/** Folded up until it is asked for. `open` tells whether it was open before. */
export function previewOf(id, signal) {
  const body = el("div.looks");
  const box = el("details", { "data-name": "preview" }, el("summary", {}, W.title), body);
  let asked = false;
  box.addEventListener("toggle", () => {
    if (!box.open || asked) return;
    asked = true;
    const elsewhere = choice("channel", [["", W.whereSent], ...Object.entries(CHANNELS).map(([name, each]) => [name, each.title])], "", { "aria-label": W.channel });
    const drawing = el("div", {}, skeleton(2));
    elsewhere.addEventListener("change", () => show(drawing, id, elsewhere.value, signal));
    fill(body, el("div.row", {}, elsewhere, el("span.faint", {}, W.lead)), drawing);
    show(drawing, id, "", signal);
  });
  return box;
}

async function show(root, id, channel, signal) {
  try {
    const { previews } = await read(`/notifications/${encodeURIComponent(id)}/preview`, { channel }, signal);
    fill(root, drawn(previews));
  } catch (problem) {
    if (problem.name !== "AbortError") fill(root, trouble(problem));
  }
}

/** How an event would look at these destinations. Empty where the API cannot tell. */
export async function imagined(event, names) {
  if (!names.length) return null;
  const answer = await post("/preview", { event, destinations: names.slice(0, MOST) }).catch(() => null);
  return answer ? el("div.looks", {}, drawn(answer.previews)) : null;
}

function drawn(previews) {
  return previews.map((each) => el("section.look-one", {}, heading(each), one(each)));
}

function heading(each) {
  const channel = CHANNELS[each.channel]?.title ?? each.channel;
  return el("h4", {}, each.destination ? `${each.destination} · ${channel}` : channel);
}

function one(each) {
  const fallback = each.fallback ? el("p.reason.bad", {}, `${W.fallback} ${each.fallback}`) : null;
  if (each.payload === null) return [fallback, looked("", each.shown, words.name), el("p.faint", {}, each.reason)];
  const name = each.payload.username || words.name;
  const drawn = isHanded(each.channel) ? handed(each) : looked(isDrawn(each.channel) ? each.channel : "", each.shown, name);
  // Of a webhook that is what is drawn.
  const payload = each.method ? null : el("details", {}, el("summary", {}, W.payload), json(each.payload, W.payload));
  return [fallback, drawn, payload];
}

/** What waits at any destination to be told together, as it would look now. */
export function waiting(root, signal) {
  fill(root, skeleton(1));
  load();
  async function load() {
    try {
      const { digests } = await read("/digests", {}, signal);
      const found = digests.flatMap(({ destination, waiting }) => waiting.map((each) => ({ at: each.at, node: waits(destination, each) })));
      const all = found.sort((one, other) => (one.at < other.at ? -1 : 1)).map(({ node }) => node);
      fill(root, el("section.card.waits", {}, el("h2", {}, W.waiting), all.length ? all : el("p.faint", {}, W.nothingWaits)));
    } catch (problem) {
      if (problem.name !== "AbortError") fill(root, trouble(problem));
    }
  }
}

function waits(destination, each) {
  const line = [`${W.count(each.count)} ${W.waitFor(each.waits_for)}, ${W.toldAt} `, minute(each.at), ` → ${destination}`];
  return el("details", {}, el("summary", {}, line), el("div.looks", {}, one(each.preview)));
}
