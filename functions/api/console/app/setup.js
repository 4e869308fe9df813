// Set-up: where people read, and who may send.

import { destinationForm } from "./destination_form.js";
import { destinations } from "./destinations.js";
import { el, fill } from "./dom.js";
import { keys } from "./keys.js";
import { empty } from "./parts.js";
import { session } from "./session.js";
import { sourceForm } from "./source_form.js";
import { words } from "../words.js";

const W = words.setup;

/** The page: #/setup/destinations, …/destinations/new/<channel>, …/destinations/<name>, #/setup/keys, …/keys/<source>. */
export function setup(root, { parts, signal }) {
  let leave = new AbortController();
  signal.addEventListener("abort", () => leave.abort());
  function moved(asked) {
    leave.abort();
    leave = new AbortController();
    const tab = asked[0] === "keys" ? "keys" : "destinations";
    const tabs = ["destinations", "keys"].map((name) =>
      el("a", { href: `#/setup/${name}`, "aria-current": name === tab ? "page" : null }, W[name]),
    );
    const body = el("div");
    fill(root, el("div.head", {}, el("h1", {}, W.title), el("div.tabs", { role: "navigation", "aria-label": W.title }, tabs)), body);
    if (!session.mayChange) return fill(body, empty(W.needAdmin));
    if (tab === "keys") return asked[1] ? sourceForm(body, asked[1], leave.signal) : keys(body, leave.signal);
    if (asked[1]) return destinationForm(body, asked.slice(1), leave.signal);
    return destinations(body, leave.signal);
  }
  moved(parts);
  return { moved };
}
