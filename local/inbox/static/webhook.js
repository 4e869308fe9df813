// A signed webhook, as the program that receives it would read it.
import { el } from "./dom.js";
import { jsonNodes } from "./json.js";
import { exact, stamp } from "./time.js";

/** The node of a call: how it came, whether its signature fits, and its body. */
export function webhookNode(arrival) {
  const { method, id, verified, signatures, body } = arrival.message;
  const sent = new Date(arrival.received_at * 1000);
  const trust = verified ? "signature fits" : "signed, not checked";
  return el("article", { class: "message call-in", data: { id: arrival.id } },
    el("div", { class: "body" },
      el("header", { class: "head" },
        el("span", { class: "badge" }, method),
        el("code", { class: "inline" }, arrival.path),
        el("time", { class: "when", title: exact(sent) }, stamp(sent)),
        el("span", { class: verified ? "trust good" : "trust",
          title: `${signatures} signature${signatures === 1 ? "" : "s"}` },
          verified ? "✓ " : null, trust)),
      el("div", { class: "call-id" }, `webhook-id ${id}`),
      el("pre", { class: "json" }, el("code", {}, jsonNodes(body))),
      arrival.warnings.map((text) => el("div", { class: "warning" },
        el("span", { "aria-hidden": "true" }, "⚠"), " ", text))));
}
