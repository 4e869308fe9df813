// Signing in: a key is tried, or a token fetched, and what it may do is found out.

import { call, Problem } from "./api.js";
import { bell, el, fill } from "./dom.js";
import { begin, claimsOf, offered, redeemed, returned } from "./open_id.js";
import { field, trouble } from "./parts.js";
import { session } from "./session.js";
import { words } from "../words.js";

/** The form; `done` is called when a key or a token was taken. `ended`: whoever was in
 * is not let in any more. */
export function signIn(done, ended) {
  const key = el("input", { type: "password", name: "key", autocomplete: "off", spellcheck: "false", autofocus: true });
  const wrong = el("div", {}, ended ? trouble({ message: words.signIn.ended, next: words.signIn.back }) : null);
  const offer = offered();
  const button = el(offer ? "button.wide" : "button.primary.wide", { type: "submit" }, words.signIn.go);
  const form = el(
    "form.sign-in",
    { novalidate: true },
    el("img", { src: bell(), alt: "", width: 52, height: 52 }),
    el("h1", {}, words.signIn.title),
    el("p.lead", {}, words.signIn.lead),
    offer ? elsewhere(offer, wrong) : null,
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
  if (offer) comeBack(offer, wrong, done);
  return el("main.gate", {}, form);
}

/** The way to the issuer. */
function elsewhere(offer, wrong) {
  const go = () => begin(offer).catch((problem) => fill(wrong, trouble(problem)));
  return el(
    "div.elsewhere",
    {},
    el("button.primary.wide", { type: "button", onclick: go }, words.signIn.with(offer.name)),
    el("p.faint.or", {}, words.signIn.or),
  );
}

/** Who comes back from the issuer is let in, or told why not. */
async function comeBack(offer, wrong, done) {
  const back = returned();
  if (!back) return;
  fill(wrong, el("p.faint", { role: "status" }, words.signIn.checking));
  try {
    const token = await redeemed(offer, back);
    const scope = await scopeOf(token, true);
    const { email, sub } = claimsOf(token);
    session.open(token, scope, String(email ?? sub ?? ""));
    done();
  } catch (problem) {
    fill(wrong, trouble(problem));
  }
}

/** "operate" or "admin". Throws a Problem for a key, or a person, that may do neither. */
async function scopeOf(key, person = false) {
  if (!key) throw said(401, words.signIn.blank);
  await tried("/notifications?limit=1", key, person);
  try {
    await call("GET", "/sources", { key });
    return "admin";
  } catch (problem) {
    if (problem.status === 403) return "operate";
    throw problem;
  }
}

async function tried(path, key, person) {
  try {
    await call("GET", path, { key });
  } catch (problem) {
    // What is wrong with a token the API says best.
    if (person) throw problem;
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
