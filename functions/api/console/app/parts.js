// Parts that several pages are made of.

import { el, fill, icon } from "./dom.js";
import { words } from "../words.js";

const ICONS = { critical: "🚨", high: "🔴", medium: "⚠️", low: "🟡", info: "ℹ️", success: "✅", debug: "🛠️" };
export const SEVERITIES = ["critical", "high", "medium", "low", "info", "debug"];

/** The picture of how bad it is, or that it is over. */
export function look(notification) {
  const over = notification.state === "resolved" || notification.resolved_at;
  return over ? "✅" : (ICONS[notification.severity] ?? "•");
}

export function severityIcon(severity) {
  return ICONS[severity] ?? "•";
}

/** A state in a word and a colour. */
export function badge(status, label = words.statuses[status] ?? status) {
  return el("span.badge", { "data-status": status }, label);
}

/** What went wrong, in words, and what to do next; `again` tries once more. */
export function trouble(problem, again = null) {
  const faults = problem.faults?.filter((fault) => fault.field && !problem.message.includes(fault.reason)) ?? [];
  return el(
    "div.trouble",
    { role: "alert" },
    el("strong", {}, problem.message),
    faults.length ? el("ul", {}, faults.map((fault) => el("li", {}, `${fault.field}: ${fault.reason}`))) : null,
    problem.next ? el("p", {}, problem.next) : null,
    again ? el("button", { type: "button", onclick: again }, words.problems.again) : null,
  );
}

/** Nothing here, and what to do about it. */
export function empty(title, ...more) {
  return el("div.empty", {}, el("h2", {}, title), more);
}

/** A few grey bars, as high as what will stand there. */
export function skeleton(rows = 6) {
  return el("div.skeleton", { "aria-hidden": "true" }, Array.from({ length: rows }, () => el("div")));
}

/** A button that says so after it has copied. */
export function copyButton(text, label = words.copy.copy) {
  const button = el("button.quiet", { type: "button" }, label);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
      button.textContent = words.copy.done;
    } catch {
      button.textContent = words.copy.failed;
    }
    setTimeout(() => (button.textContent = label), 1600);
  });
  return button;
}

/** Text to be copied, in a box that scrolls. */
export function snippet(text, label) {
  return el("div.snippet", {}, el("pre", { tabindex: "0", "aria-label": label }, text), copyButton(text));
}

/** Short words that appear for a moment, and are read out. */
export function toast(text, kind = "good") {
  const shown = el("div.toast", { "data-kind": kind }, text);
  document.querySelector("#toasts").append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 8000 : 4000);
}

/** Ask in a dialog. `act` may throw a Problem, which is shown there. Resolves to what
 * it returned, or undefined when it was left. */
export function ask({ title, body = [], confirm, danger = false, act, cancel = words.dialog.cancel, wide = false }) {
  return new Promise((resolve) => {
    const wrong = el("div");
    const button = confirm ? el(danger ? "button.danger" : "button.primary", { type: "submit" }, confirm) : null;
    const leave = el("button.quiet", { type: "button", onclick: () => box.close() }, cancel);
    const form = el("form", {}, el("h2", { id: "asked" }, title), body, wrong, el("div.row.end", {}, leave, button));
    const box = el(wide ? "dialog.wide" : "dialog", { "aria-labelledby": "asked" }, form);
    let result;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!button || button.disabled) return;
      button.disabled = true;
      try {
        result = (await act(new FormData(form))) ?? true;
        box.close();
      } catch (problem) {
        fill(wrong, trouble(problem));
        button.disabled = false;
      }
    });
    box.addEventListener("close", () => {
      box.remove();
      resolve(result);
    });
    document.body.append(box);
    box.showModal();
  });
}

let made = 0;

/** A labelled field; `hint` stands below it, and what is wrong too. */
export function field(label, control, hint = "") {
  made += 1;
  control.id ||= `f${made}`;
  const told = el("small.hint", { id: `h${made}` }, hint);
  control.setAttribute("aria-describedby", told.id);
  return el("div.field", {}, el("label", { for: control.id }, label), control, told);
}

/** What is wrong with a field, or its hint. */
export function say(shown, wrong, hint) {
  shown.querySelector(".hint").textContent = wrong || hint;
  shown.querySelector("input, textarea").setAttribute("aria-invalid", wrong ? "true" : "false");
  if (wrong && shown.parentElement.classList.contains("folded")) shown.closest("details").open = true;
  if (wrong) shown.dataset.wrong = "yes";
  else delete shown.dataset.wrong;
}

/** A way back to where one came from. */
export function backTo(href, label) {
  return el("a.button.plain", { href }, icon("back"), label);
}

/** A choice of words: [[value, label], …]. */
export function choice(name, options, chosen, props = {}) {
  const control = el(
    "select",
    { name, ...props },
    options.map(([value, label]) => el("option", { value }, label)),
  );
  control.value = chosen ?? "";
  return control;
}
