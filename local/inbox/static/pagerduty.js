// An alert of PagerDuty: its state, what happened, the details, where to go.
import { el, link } from "./dom.js";
import { exact, stamp } from "./time.js";

/** The node of an alert, or of a change event. */
export function pagerdutyNode(arrival) {
  const alert = arrival.message;
  const sent = new Date(arrival.received_at * 1000);
  const details = Object.entries(alert.custom_details ?? {});
  return el("article", { class: `message call-in alert ${alert.state}`,
    data: { id: arrival.id } },
    el("div", { class: "body" },
      el("header", { class: "head" },
        el("span", { class: "alert-state" }, alert.state),
        alert.severity ? el("span", { class: `badge severity-${alert.severity}` }, alert.severity)
          : null,
        el("time", { class: "when", title: exact(sent) }, stamp(sent)),
        alert.times > 1 ? el("span", { class: "when" }, `triggered ${alert.times} times`) : null),
      el("h3", { class: "alert-title" }, alert.client_url
        ? link(alert.client_url, {}, alert.summary) : alert.summary),
      el("div", { class: "call-id" }, [alert.source, alert.group, alert.class]
        .filter(Boolean).join(" · ")),
      details.length ? el("dl", { class: "details" }, details.map(([name, value]) => [
        el("dt", {}, name), el("dd", {}, typeof value === "string" ? value
          : JSON.stringify(value))])) : null,
      el("div", { class: "alert-links" }, (alert.links ?? [])
        .map((one) => link(one.href, {}, one.text ?? one.href))),
      el("div", { class: "call-id" }, `dedup_key ${alert.id}`),
      arrival.warnings.map((text) => el("div", { class: "warning" },
        el("span", { "aria-hidden": "true" }, "⚠"), " ", text))));
}
