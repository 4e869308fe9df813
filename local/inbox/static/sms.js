// A text, as a telephone shows it: who sends, the words, and how many texts it costs.
import { el } from "./dom.js";
import { exact, stamp } from "./time.js";

/** The node of a text. */
export function smsNode(arrival) {
  const { message } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  return el("article", { class: "message call-in push", data: { id: arrival.id } },
    el("div", { class: "body" },
      el("div", { class: "push-card" },
        el("header", { class: "head" },
          el("span", { class: "badge" }, "SMS"),
          el("span", { class: "call-id" }, message.from || "any sender"),
          el("span", { class: "call-id" }, message.parts === 1 ? "1 part" : `${message.parts} parts`),
          el("time", { class: "when", title: exact(sent) }, stamp(sent))),
        el("div", { class: "push-text" }, message.body)),
      arrival.warnings.map((text) => el("div", { class: "warning" },
        el("span", { "aria-hidden": "true" }, "⚠"), " ", text))));
}
