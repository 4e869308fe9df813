// Signing in: the key is tried, and what it may do is found out.

import { call, Problem } from "./api.js";
import { el, fill } from "./dom.js";
import { field, trouble } from "./parts.js";
import { session } from "./session.js";
import { words } from "../words.js";

/** The form; `done` is called when a key was taken. */
export function signIn(done) {
  const key = el("input", { type: "password", name: "key", autocomplete: "off", spellcheck: "false", autofocus: true });
  const wrong = el("div");
  const button = el("button.primary.wide", { type: "submit" }, words.signIn.go);
  const form = el(
    "form.sign-in",
    { novalidate: true },
    el("img", { src: new URL("../bell.svg", import.meta.url).href, alt: "", width: 52, height: 52 }),
    el("h1", {}, words.signIn.title),
    el("p.lead", {}, words.signIn.lead),
    field(words.signIn.key, key, words.signIn.hint),
    wrong,
    button,
    el("p.faint", {}, words.signIn.where),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const given = key.value.trim();
      session.open(given, await scopeOf(given));
      done();
    } catch (problem) {
      fill(wrong, trouble(problem));
      key.focus();
    }
    button.disabled = false;
  });
  return el("main.gate", {}, form);
}

/** "operate" or "admin". Throws a Problem for a key that can do neither. */
async function scopeOf(key) {
  if (!key) throw said(401, words.signIn.blank);
  await tried("/notifications?limit=1", key);
  try {
    await call("GET", "/sources", { key });
    return "admin";
  } catch (problem) {
    if (problem.status === 403) return "operate";
    throw problem;
  }
}

async function tried(path, key) {
  try {
    await call("GET", path, { key });
  } catch (problem) {
    if (problem.status === 401) throw said(401, words.signIn.unknown);
    if (problem.status === 403) throw said(403, words.signIn.ingest);
    throw problem;
  }
}

function said(status, text) {
  const problem = new Problem(status, { detail: text });
  problem.next = "";
  return problem;
}
