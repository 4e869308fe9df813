// Keys: who may send and operate. A key is shown once.

import { call, post, read, ROOT } from "./api.js";
import { el, fill, holding } from "./dom.js";
import { ask, badge, choice, copyButton, field, skeleton, snippet, toast, trouble } from "./parts.js";
import { atTheTool } from "./signing.js";
import { moment } from "./time.js";
import { sampleOf, toolsFor } from "./tools.js";
import { words } from "../words.js";

const W = words.keys;

/** The list of sources. */
export function keys(root, signal) {
  const body = el("div", {}, skeleton(3));
  const add = el("button.primary", { type: "button", onclick: () => create(load) }, W.add);
  fill(root, el("div.row.spread", {}, el("p.lead", {}, W.lead), add), body);
  async function load() {
    try {
      const { sources } = await read("/sources", {}, signal);
      holding(body, () => fill(body, el("ul.cards", {}, sources.map((each) => card(each, load)))));
    } catch (problem) {
      if (problem.name !== "AbortError") fill(body, trouble(problem, load));
    }
  }
  load();
}

function card(each, load) {
  const two = each.keys.length > 1;
  const limits = [W.limits(each.types, each.rate), each.signature ? W.signed(each.signature.scheme) : ""].filter(Boolean).join(" · ");
  const button = (label, work, kind = "button.quiet") => el(kind, { type: "button", onclick: work, "data-hold": `${label} ${each.name}` }, label);
  return el(
    "li.card",
    {},
    el("div.row", {}, el("b", {}, each.name), each.scopes.map((scope) => badge("", scope))),
    el("ul.hints", {}, each.keys.map((key) => el("li", {}, el("code", {}, `${key.hint}…`), el("span.faint", {}, ` ${W.made} `, moment(key.made_at))))),
    two ? el("p.faint", {}, W.two) : null,
    limits ? el("p.faint", {}, limits) : null,
    el(
      "div.row",
      {},
      button(W.use, () => showUse(each), "button"),
      each.scopes.includes("ingest") ? el("a.button", { href: `#/setup/keys/${each.name}`, "aria-label": W.settingsOf(each.name) }, W.settings) : null,
      button(W.rotate, () => rotate(each.name, load), "button"),
      two ? button(W.revoke, () => revoke(each.name, load)) : null,
      button(W.remove, () => remove(each.name, load)),
    ),
  );
}

async function create(load) {
  const boxes = Object.entries(W.scopes).map(([scope, does]) =>
    el("label.check", {}, el("input", { type: "checkbox", name: "scopes", value: scope, checked: scope === "ingest" }), does),
  );
  const name = el("input", { name: "name", required: true, pattern: "[a-z0-9][a-z0-9_\\-]{0,39}", autocomplete: "off", autofocus: true, title: words.setup.nameHint });
  const made = await ask({
    title: W.add,
    body: [field(W.name, name, W.nameHint), el("fieldset", {}, boxes)],
    confirm: W.create,
    act: (form) => {
      const scopes = form.getAll("scopes");
      if (!scopes.length) throw new Error(W.choose);
      return post("/sources", { name: form.get("name"), scopes });
    },
  });
  if (made) await showOnce(made);
  load();
}

/** The one time that a key is seen. */
function showOnce(made) {
  return ask({
    title: W.once,
    body: [el("p", {}, W.onceLead), el("div.key", {}, el("code", { tabindex: "0" }, made.key), copyButton(made.key)), using(made, made.key)],
    cancel: W.did,
    wide: true,
  });
}

/** The same later, when nobody but its owner knows the key; a tool that signs needs none. */
function showUse(source) {
  if (source.signature) return ask({ title: W.askUse(source.name), body: atTheTool(source.signature.scheme, source.name), cancel: words.dialog.close, wide: true });
  return ask({ title: W.askUse(source.name), body: [el("p", {}, W.useLead(W.keyHere)), using(source, W.keyHere)], cancel: words.dialog.close, wide: true });
}

/** What to enter where, for the tool that is chosen. */
function using({ scopes }, key) {
  const body = el("div.using");
  const tool = choice("tool", toolsFor(scopes), toolsFor(scopes)[0][0], { onchange: () => tell() });
  function tell() {
    const { where, text, rows } = sampleOf(tool.value, ROOT, key);
    const label = tool.selectedOptions[0].textContent;
    const entered = text ? snippet(text, label) : rows.map(([name, value]) => [el("h3", {}, name), snippet(value, name)]);
    fill(body, el("p", {}, where), entered);
  }
  tell();
  return [field(W.tool, tool), body];
}

async function rotate(name, load) {
  const made = await ask({ title: W.askRotate(name), body: el("p", {}, W.rotateLead), confirm: W.rotate, act: () => post(`/sources/${name}/rotate`) });
  if (made) await showOnce(made);
  load();
}

async function revoke(name, load) {
  const done = await ask({ title: W.askRevoke(name), body: el("p", {}, W.revokeLead), confirm: W.revoke, danger: true, act: () => post(`/sources/${name}/revoke`) });
  if (done) toast(W.done(W.revoked));
  load();
}

async function remove(name, load) {
  const done = await ask({ title: W.askRemove(name), body: el("p", {}, W.removeLead), confirm: W.remove, danger: true, act: () => call("DELETE", `/sources/${name}`) });
  if (done) toast(W.done(W.removed));
  load();
}
