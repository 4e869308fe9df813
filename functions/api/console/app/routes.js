// Routes: the file that decides who hears what, and the silences.

import { el, fill } from "./dom.js";
import { empty } from "./parts.js";
import { Editing } from "./routing_file.js";
import { session } from "./session.js";
import { silences } from "./silences.js";
import { words } from "../words.js";

const W = words.routes;

/** The page: #/routes and #/routes/silences. */
export function routes(root, { parts, signal }) {
  let leave = new AbortController();
  signal.addEventListener("abort", () => leave.abort());
  function moved(asked) {
    leave.abort();
    leave = new AbortController();
    const tab = asked[0] === "silences" ? "silences" : "file";
    const tabs = (session.mayChange ? ["file", "silences"] : ["silences"]).map((name) =>
      el("a", { href: name === "file" ? "#/routes" : "#/routes/silences", "aria-current": name === tab ? "page" : null }, W[name]),
    );
    const body = el("div");
    fill(root, el("div.head", {}, el("h1", {}, W.title), el("div.tabs", { role: "navigation", "aria-label": W.title }, tabs)), body);
    if (tab === "silences") return silences(body, leave.signal);
    if (!session.mayChange) return fill(body, empty(words.setup.needAdmin));
    return new Editing(body, leave.signal);
  }
  moved(parts);
  return { moved };
}
