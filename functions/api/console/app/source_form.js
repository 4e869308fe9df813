// One source: what it may send, and how its calls are signed.

import { read } from "./api.js";
import { bounds } from "./bounds.js";
import { el, fill } from "./dom.js";
import { backTo, badge, empty, skeleton, trouble } from "./parts.js";
import { signing } from "./signing.js";
import { words } from "../words.js";

const W = words.source;

/** The page of the source of this name. */
export async function sourceForm(root, name, signal) {
  const back = backTo("#/setup/keys", W.all);
  fill(root, back, skeleton(4));
  try {
    const { sources } = await read("/sources", {}, signal);
    const known = sources.find((each) => each.name === name);
    if (!known) return fill(root, back, empty(W.gone));
    const head = el("div.row", {}, el("h2", {}, known.name), known.scopes.map((scope) => badge("", scope)));
    if (!known.scopes.includes("ingest")) return fill(root, back, head, empty(W.sendsNothing));
    return fill(root, back, head, el("div.source", {}, bounds(known), signing(known)));
  } catch (problem) {
    if (problem.name !== "AbortError") fill(root, back, trouble(problem, () => sourceForm(root, name, signal)));
  }
  return null;
}
