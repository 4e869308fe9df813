// A push message, as a telephone lists it: which service, title, words.
import { el, link } from "./dom.js";
import { exact, stamp } from "./time.js";

/** The node of a message. */
export function appriseNode(arrival) {
  const { message } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  return el("article", { class: "message call-in push", data: { id: arrival.id } },
    el("div", { class: "body" },
      el("div", { class: "push-card" },
        el("header", { class: "head" },
          el("span", { class: "badge" }, message.service),
          el("span", { class: "call-id" }, message.at),
          message.priority ? el("span", { class: "push-priority" }, message.priority) : null,
          el("time", { class: "when", title: exact(sent) }, stamp(sent))),
        el("h3", { class: "push-title" }, message.title),
        el("div", { class: "push-text" }, message.body),
        message.link ? link(message.link, { class: "push-link" }, message.link) : null),
      arrival.warnings.map((text) => el("div", { class: "warning" },
        el("span", { "aria-hidden": "true" }, "⚠"), " ", text))));
}
