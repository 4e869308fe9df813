// One mail as a mail program shows it: a line in a list that opens to a sheet. Its HTML
// stands in a frame of its own, in which nothing runs.
import { el } from "./dom.js";
import { attachedNodes } from "./files.js";
import { exact, stamp } from "./time.js";

const tints = ["#d93025", "#188038", "#1a73e8", "#a142f4", "#e37400", "#12858d", "#c2185b"];

/** The node of a mail. The newest one opens by itself; others when somebody asks. */
export function mailNode(arrival) {
  const { message } = arrival;
  const sheet = el("div", { class: "mail-sheet" });
  const node = el("details", { class: "mail", data: { id: arrival.id } },
    line(arrival), sheet);
  node.addEventListener("toggle", () => {
    if (node.open && !sheet.hasChildNodes()) sheet.replaceChildren(...opened(arrival));
  });
  requestAnimationFrame(() => { if (!node.nextElementSibling) node.open = true; });
  if (message.urgent) node.classList.add("urgent");
  return node;
}

function line(arrival) {
  const { message } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  return el("summary", { class: "mail-line" },
    avatar(message.author.username),
    el("span", { class: "mail-who" }, message.author.username),
    el("span", { class: "mail-what" },
      message.urgent ? el("span", { class: "mail-urgent", title: "High importance" }, "!") : null,
      el("b", {}, message.subject || "(no subject)"),
      el("span", { class: "mail-snippet" }, ` ${message.snippet}`)),
    el("time", { class: "when", title: exact(sent), data: { sent: arrival.received_at } },
      stamp(sent)));
}

function avatar(name) {
  const node = el("span", { class: "mail-avatar", "aria-hidden": "true" },
    [...name.trim()][0]?.toUpperCase() ?? "?");
  const sum = [...name].reduce((total, c) => total + c.codePointAt(0), 0);
  node.style.backgroundColor = tints[sum % tints.length];
  return node;
}

// -- the sheet ------------------------------------------------------------------------

function opened(arrival) {
  const { message, payload } = arrival;
  const views = [
    ...(message.html ? [["HTML", () => frame(arrival)]] : []),
    ["Text", () => el("pre", { class: "mail-text" }, message.text || "(no text)")],
    ["Headers", () => headers(payload)],
  ];
  const stage = el("div", { class: "mail-stage" });
  const tabs = views.map(([name, draw]) => el("button", { type: "button", class: "mail-tab",
    "aria-pressed": "false", onclick: (event) => {
      for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab === event.target));
      stage.replaceChildren(draw());
    } }, name));
  tabs[0].setAttribute("aria-pressed", "true");
  stage.replaceChildren(views[0][1]());
  return [
    el("div", { class: "mail-head" },
      el("div", { class: "mail-people" },
        el("div", {}, el("span", { class: "mail-label" }, "from"), message.from),
        el("div", {}, el("span", { class: "mail-label" }, "to"), message.to || "nobody")),
      el("div", { class: "mail-tabs", role: "group", "aria-label": "Show as" }, tabs)),
    stage,
    ...attachedNodes(message.files),
    ...arrival.warnings.map((text) => el("div", { class: "warning" }, "⚠ ", text,
      el("span", { class: "only" }, "only the inbox shows this"))),
  ];
}

/** Without scripts, so that being of this origin gives the mail nothing: it only lets us
 *  measure it, and send its links to pages of their own. */
function frame(arrival) {
  const node = el("iframe", { class: "mail-frame", title: arrival.message.subject,
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    referrerpolicy: "no-referrer", src: `/mail/${arrival.seq}` });
  node.addEventListener("load", () => {
    const inside = node.contentDocument;
    if (!inside?.body) return;
    for (const anchor of inside.links) {
      anchor.target = "_blank";
      anchor.rel = "noopener noreferrer nofollow";
    }
    dress(inside);
    const fit = () => grow(node, inside);
    fit();
    new ResizeObserver(fit).observe(node);
    for (const picture of inside.images) picture.addEventListener("load", fit);
  });
  return node;
}

const asked = new WeakMap(); // rule -> the scheme it was written for

/** A frame knows only what the system prefers, not what the viewer chose here. */
function dress(inside) {
  const chosen = document.documentElement.dataset.theme;
  for (const rule of [...inside.styleSheets].flatMap((sheet) => [...sheet.cssRules])) {
    const text = rule.media?.mediaText ?? "";
    const scheme = asked.get(rule) ?? /prefers-color-scheme:\s*(dark|light)/.exec(text)?.[1];
    if (!scheme || !chosen) continue;
    asked.set(rule, scheme);
    rule.media.mediaText = scheme === chosen ? "all" : "not all";
  }
}

new MutationObserver(() => {
  for (const node of document.querySelectorAll(".mail-frame")) {
    if (node.contentDocument) dress(node.contentDocument);
  }
}).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

function grow(node, inside) {
  const box = document.getElementById("timeline");
  const stay = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const height = Math.ceil(inside.body.getBoundingClientRect().height);
  if (Math.abs(height - node.clientHeight) > 1) node.style.height = `${height}px`;
  if (stay) box.scrollTop = box.scrollHeight;
}

function headers(payload) {
  return el("dl", { class: "mail-headers" }, payload.headers.flatMap(([name, value]) => [
    el("dt", {}, name), el("dd", {}, value)]));
}
