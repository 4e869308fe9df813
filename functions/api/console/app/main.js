// The frame: who is signed in, which page is shown, the keys that work everywhere.

import { readHealth } from "./api.js";
import { deadLetters } from "./dead_letters.js";
import { bell, el, fill, icon } from "./dom.js";
import { keepCurrent } from "./live.js";
import { notifications } from "./notifications.js";
import { leaveIssuer, returned } from "./open_id.js";
import { overview } from "./overview.js";
import { address, go, here } from "./place.js";
import { ask } from "./parts.js";
import { routes } from "./routes.js";
import { session } from "./session.js";
import { setup } from "./setup.js";
import { signIn } from "./sign_in.js";
import { words } from "../words.js";

const PAGES = { overview, notifications, dead: deadLetters, setup, routes };
const LETTERS = { o: "overview", n: "notifications", d: "dead", s: "setup", r: "routes" };

const main = el("main", { id: "content", tabindex: "-1" });
const toasts = el("div", { id: "toasts", role: "status", "aria-live": "polite" });
let shown = { name: "", leave: null, handle: null };
let frame = null;

/** Show what the address asks for; a page that is open already is only told. */
function turn() {
  if (!session.key) return showSignIn(false);
  const { parts, query } = here();
  const name = parts[0] in PAGES ? parts[0] : "overview";
  if (!frame) showFrame();
  for (const each of document.querySelectorAll("nav a[data-page]")) {
    if (each.dataset.page === name) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  if (shown.name === name && shown.handle?.moved) return shown.handle.moved(parts.slice(1), query);
  shown.leave?.abort();
  for (const asked of document.querySelectorAll("dialog[open]")) asked.close();
  const leave = new AbortController();
  shown = { name, leave, handle: null };
  document.title = `${words.nav[name]} · ${words.name}`;
  main.dataset.page = name;
  fill(main);
  main.scrollTo(0, 0);
  scrollTo(0, 0);
  shown.handle = PAGES[name](main, { parts: parts.slice(1), query, signal: leave.signal });
}

function showSignIn(ended) {
  shown.leave?.abort();
  shown = { name: "", leave: null, handle: null };
  frame?.abort();
  frame = null;
  document.title = words.signIn.title;
  fill(document.body, signIn(turn, ended), toasts);
}

function showFrame() {
  frame = new AbortController();
  const count = el("span.count", { hidden: true });
  // What a key may not change it is not led to.
  const led = Object.keys(PAGES).filter((name) => name !== "setup" || session.mayChange);
  const links = led.map((name) =>
    el(
      "a",
      { href: address(name === "routes" && !session.mayChange ? [name, "silences"] : [name]), "data-page": name },
      icon(name),
      el("span", {}, words.nav[name]),
      name === "dead" ? count : null,
    ),
  );
  const out = el("button.quiet.out", { type: "button", title: words.nav.out, onclick: leaveTab }, icon("out"), el("span", {}, words.nav.out));
  const side = el(
    "header.side",
    {},
    el("a.brand", { href: address(["overview"]) }, el("img", { src: bell(), alt: "", width: 30, height: 30 }), el("b", {}, words.name)),
    el("nav", { "aria-label": words.nav.label }, links),
    el("div.foot", {}, el("span", {}, words.signIn.as(session.scope, session.name)), out),
  );
  const skip = el("a.skip", { href: "#content", onclick: skipped }, words.skip);
  fill(document.body, skip, side, main, toasts);
  keepCurrent(() => countDead(count), 30_000, frame.signal);
}

async function countDead(count) {
  const health = await readHealth();
  count.hidden = !health.dead_letters;
  count.textContent = `${health.dead_letters}${health.more_dead_letters ? "+" : ""}`;
}

function skipped(event) {
  event.preventDefault();
  main.focus();
}

function leaveTab() {
  const person = session.name;
  session.close();
  go(["overview"], {}, true);
  turn();
  // Last: a browser's way back shows the page as it was left.
  if (person) leaveIssuer();
}

function help() {
  const rows = words.keyboard.rows.map(([key, does]) => [el("dt", {}, key), el("dd", {}, does)]);
  ask({ title: words.keyboard.title, body: el("dl.keys", {}, rows), cancel: words.dialog.close });
}

let going = 0;

function pressed(event) {
  const writing = event.target.closest("input, textarea, select, dialog");
  if (!session.key || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?") return help();
  if (event.key === "g") {
    going = Date.now();
    return;
  }
  if (Date.now() - going < 1500 && LETTERS[event.key]) {
    going = 0;
    event.stopImmediatePropagation();
    go([LETTERS[event.key]]);
  }
}

document.addEventListener("keydown", pressed);
addEventListener("hashchange", turn);
addEventListener("signed-out", () => {
  if (!session.key) return;
  session.close();
  showSignIn(true);
});
// Who is in already needs no answer of an issuer: none stays in the address.
if (session.key) returned();
turn();
