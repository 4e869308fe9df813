// The destinations: how they are, tried with one click, changed, deleted.

import { call, post, read } from "./api.js";
import { CHANNELS } from "./channels.js";
import { el, fill, holding, outward } from "./dom.js";
import { healthOf, lastSent } from "./health.js";
import { keepCurrent } from "./live.js";
import { ask, badge, empty, skeleton, toast, trouble } from "./parts.js";
import { words } from "../words.js";

const W = words.setup;
const NEW = "#/setup/destinations/new";
// See the channel, send messages, embed links, attach files: no more than it needs.
const INVITES = "https://discord.com/oauth2/authorize?scope=bot+applications.commands&permissions=52224&client_id=";

/** The list, kept current. */
export function destinations(root, signal) {
  const body = el("div", {}, skeleton(4));
  const add = el("a.button.primary", { href: NEW }, W.add);
  fill(root, el("div.row.spread", {}, el("p.lead", {}), add), body);
  const cards = new Map();
  let shown = "";
  // Once: it reads a day's notifications.
  const lately = read("/metrics", { minutes: 1440 }, signal).then((found) => found.destinations, () => ({}));
  const again = keepCurrent(load, 10_000, signal);
  async function load() {
    try {
      const [{ destinations: known }, health, tallies] = await Promise.all([read("/destinations", {}, signal), read("/health", {}, signal), lately]);
      const said = JSON.stringify([known, health.destinations]);
      if (said === shown) return;
      shown = said;
      add.hidden = !known.length;
      if (!known.length) return fill(body, empty(W.none, el("p", {}, W.noneHint), el("a.button.primary", { href: NEW }, W.add)));
      const cardOf = (each) => card(each, health.destinations[each.name] ?? {}, tallies[each.name], again, cards);
      holding(body, () => fill(body, el("ul.cards", {}, known.map(cardOf))));
    } catch (problem) {
      if (problem.name === "AbortError") return;
      if (!shown) fill(body, trouble(problem));
      throw problem;
    }
  }
}

function card(each, health, tally, again, cards) {
  const kind = CHANNELS[each.channel];
  const result = cards.get(each.name) ?? el("div", { role: "status" });
  cards.set(each.name, result);
  const test = el("button", { type: "button", "data-hold": `test ${each.name}`, onclick: () => tryOut(each.name, test, result) }, W.test);
  const status = el("button.quiet", { type: "button", "data-hold": `ask ${each.name}`, onclick: () => askProvider(each.name, status, result) }, W.status);
  const wrong = health.disabled ? health.disabled_reason : health.last_error;
  return el(
    "li.card",
    {},
    el("div.row", {}, el("span.look", { "aria-hidden": "true" }, kind?.icon ?? "🔔"), el("b", {}, each.name), badge(healthOf(health, tally))),
    el("p.faint", {}, [kind?.title ?? each.channel, each.secret_hint === "set" ? W.secretKept : each.secret_hint].filter(Boolean).join(" · ")),
    el("p.faint", {}, lastSent(health, tally)),
    wrong ? el("p.reason.bad", {}, wrong) : null,
    health.disabled ? el("p.faint", {}, W.disabledNow) : null,
    result,
    el(
      "div.row",
      {},
      test,
      kind ? el("a.button", { href: `#/setup/destinations/${each.name}` }, W.edit) : null,
      status,
      el("button.quiet", { type: "button", "data-hold": `remove ${each.name}`, onclick: () => remove(each.name, again) }, W.remove),
    ),
  );
}

/** Send the test message; what came of it stands in `result`. */
export async function tryOut(name, button, result) {
  button.disabled = true;
  fill(result, el("p.faint", {}, W.testing));
  try {
    const trial = await post(`/destinations/${name}/test`);
    const way = trial.ok ? null : await invitation(name);
    fill(result, outcome(trial, way));
  } catch (problem) {
    fill(result, trouble(problem));
  }
  button.disabled = false;
}

function outcome(trial, way) {
  if (trial.ok) return el("div.note", {}, el("strong", {}, W.works), el("p", {}, trial.advice || W.tookIt));
  return el("div.trouble", {}, el("strong", {}, W.fails), el("p", {}, trial.reason), way ?? el("p", {}, W.advice[trial.outcome] ?? trial.advice));
}

/** How a Discord bot that does not see its channel is let in, or null. */
async function invitation(name) {
  const told = await read(`/destinations/${name}/status`).catch(() => null);
  return told && letIn(told);
}

/** Its application is told by Discord alone: a token says it in no form that lasts. */
function letIn({ ok, details }) {
  const id = details.application_id;
  return ok || !/^\d+$/.test(id) ? null : el("p", {}, `${W.letIn} `, outward(`${INVITES}${id}`, W.invite));
}

async function askProvider(name, button, result) {
  button.disabled = true;
  try {
    const told = await read(`/destinations/${name}/status`);
    const details = Object.entries(told.details).map(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]);
    const list = details.length ? el("dl.pairs", {}, details) : null;
    const kind = told.ok ? "div.note" : "div.trouble";
    fill(result, el(kind, {}, el("strong", {}, W.asked(told.ok)), el("p", {}, told.reason), letIn(told), list));
  } catch (problem) {
    fill(result, trouble(problem));
  }
  button.disabled = false;
}

async function remove(name, again) {
  const done = await ask({
    title: W.askRemove(name), body: el("p", {}, W.removeLead), confirm: W.remove, danger: true,
    act: () => call("DELETE", `/destinations/${name}`),
  });
  if (!done) return;
  toast(W.removed(name));
  again();
}
