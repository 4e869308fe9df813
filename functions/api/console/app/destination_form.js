// Making a destination, guided: the channel, the clicks at the provider, the fields, a test.

import { call, read } from "./api.js";
import { bodyOf, CHANNELS, typedOf, wrongWith } from "./channels.js";
import { tryOut } from "./destinations.js";
import { el, fill, outward } from "./dom.js";
import { backTo, empty, field, say, skeleton, toast, trouble } from "./parts.js";
import { words } from "../words.js";

const W = words.setup;
const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const GUIDES = "https://github.com/tocsin-dev/tocsin/blob/main/docs/channels/";

/** `parts`: ["new"], ["new", channel] or [name]. */
export async function destinationForm(root, parts, signal) {
  if (parts[0] === "new") {
    if (parts[1] in CHANNELS) return new Form(root, parts[1], null);
    return choose(root);
  }
  fill(root, skeleton(4));
  try {
    const known = await read(`/destinations/${encodeURIComponent(parts[0])}`, {}, signal);
    if (CHANNELS[known.channel]) return new Form(root, known.channel, known);
    return fill(root, empty(known.channel));
  } catch (problem) {
    if (problem.name !== "AbortError") fill(root, backTo("#/setup/destinations", W.all), trouble(problem, () => destinationForm(root, parts, signal)));
  }
  return null;
}

function choose(root) {
  const cards = Object.entries(CHANNELS).map(([name, each]) =>
    el(
      "a.card.channel",
      { href: `#/setup/destinations/new/${name}` },
      el("span.look", { "aria-hidden": "true" }, each.icon),
      el("b", {}, each.title),
      el("span.faint", {}, each.about),
    ),
  );
  fill(root, backTo("#/setup/destinations", W.all), el("h2", {}, W.which), el("div.channels", {}, cards));
}

class Form {
  constructor(root, channel, known) {
    this.channel = channel;
    this.known = known;
    this.controls = new Map();
    this.wrong = el("div");
    this.result = el("div", { role: "status" });
    const kind = CHANNELS[channel];
    this.button = el("button.primary", { type: "submit" }, W.save);
    const form = el(
      "form.card",
      { novalidate: true, onsubmit: (event) => this.submitted(event) },
      el("h3", {}, W.fields),
      this.nameField(),
      kind.fields.filter((each) => !each.more).map((each) => this.field(each)),
      this.folded(kind),
      this.wrong,
      el("div.row", {}, this.button),
      this.result,
    );
    const guide = kind.guide ? el("p.faint", {}, `${W.guide} `, outward(GUIDES + kind.guide, kind.guide)) : null;
    const steps = el("section.card", {}, el("h3", {}, W.steps), el("ol.steps", {}, kind.steps.map((step) => el("li", {}, step))), guide);
    const back = known ? backTo("#/setup/destinations", W.all) : backTo("#/setup/destinations/new", W.back);
    fill(root, back, el("h2", {}, `${kind.icon} ${known ? known.name : kind.title}`), el("div.guided", {}, steps, form));
    (known ? form.querySelector("input:not([disabled])") : this.name).focus({ preventScroll: true });
  }

  /** What few need; open where it is in use. */
  folded({ fields, more }) {
    const rows = fields.filter((each) => each.more);
    if (!rows.length) return null;
    const used = rows.some((each) => this.known && !each.secret && typedOf(each, this.known));
    return el("details.more", { open: used }, el("summary", {}, more), el("div.folded", {}, rows.map((each) => this.field(each))));
  }

  nameField() {
    this.name = el("input", { name: "name", autocomplete: "off", spellcheck: "false", disabled: Boolean(this.known), value: this.known?.name ?? "" });
    const shown = field(W.name, this.name, W.nameHint);
    this.name.addEventListener("input", () => say(shown, this.name.value && !NAME.test(this.name.value) ? W.nameWrong : "", W.nameHint));
    this.nameShown = shown;
    return shown;
  }

  field(each) {
    const kept = this.known && each.secret;
    const hint = kept && this.known.secret_hint ? W.keepSecret(this.known.secret_hint) : each.hint;
    const control = el("input", {
      name: each.name, type: each.secret ? "password" : "text", autocomplete: "off", spellcheck: "false",
      value: this.known && !each.secret ? typedOf(each, this.known) : "",
      "aria-required": each.needed && !kept ? "true" : null,
    });
    const tail = each.needed || each.oneOf || each.more ? "" : ` (${W.optional})`;
    const shown = field(each.label + tail, control, hint);
    if (each.secret) shown.append(el("small.faint", {}, W.secret));
    if (each.make && !this.known) shown.append(el("button.quiet", { type: "button", onclick: () => this.make(control) }, W.make));
    control.addEventListener("input", () => say(shown, wrongWith(each, control.value), hint));
    this.controls.set(each.name, { each, control, shown, hint });
    return shown;
  }

  /** A secret of 32 random bytes, shown so that it can be given to the receiver. */
  make(control) {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    control.type = "text";
    control.value = `whsec_${btoa(String.fromCharCode(...bytes))}`;
    control.dispatchEvent(new Event("input"));
    control.select();
  }

  /** Whether nothing is missing; what is says so. */
  judged() {
    let first = NAME.test(this.name.value) ? null : this.name;
    say(this.nameShown, first ? W.nameWrong : "", W.nameHint);
    for (const { each, control, shown, hint } of this.controls.values()) {
      const missing = each.needed && !control.value && !(this.known && each.secret);
      // What looks odd here is told, and is for the API to refuse: it knows more forms.
      say(shown, missing ? W.needed : wrongWith(each, control.value), hint);
      if (missing) first ??= control;
    }
    first ??= this.neither();
    first?.focus();
    return !first;
  }

  /** The first of those of which one is needed, where none is given. */
  neither() {
    const ways = this.known ? [] : [...this.controls.values()].filter(({ each }) => each.oneOf);
    if (!ways.length || ways.some(({ control }) => control.value)) return null;
    say(ways[0].shown, W.neededOne(ways[1].each.label), ways[0].hint);
    return ways[0].control;
  }

  async submitted(event) {
    event.preventDefault();
    if (!this.judged()) return;
    this.button.disabled = true;
    fill(this.wrong);
    fill(this.result, el("p.faint", {}, W.saving));
    const typed = Object.fromEntries([...this.controls].map(([name, { control }]) => [name, control.value]));
    const name = this.name.value;
    try {
      this.known = (await call("PUT", `/destinations/${name}`, { body: bodyOf(this.channel, typed, this.known ?? {}) })).data;
      this.name.disabled = true;
      for (const { each, control, shown } of this.controls.values()) {
        if (!each.secret) continue;
        control.value = "";
        control.type = "password";
        say(shown, "", W.keepSecret(this.known.secret_hint));
      }
      toast(W.saved);
      const tried = el("div");
      fill(this.result, tried);
      await tryOut(name, this.button, tried);
      this.result.append(el("p", {}, `${W.next} `, el("a", { href: "#/routes" }, W.toRoutes)));
    } catch (problem) {
      fill(this.result);
      this.refused(problem);
    }
    this.button.disabled = false;
  }

  /** Each fault at its field; the rest below. */
  refused(problem) {
    const left = problem.faults.filter((fault) => {
      const found = this.controls.get(fault.field);
      if (found) say(found.shown, fault.reason, found.hint);
      return !found;
    });
    if (left.length || !problem.faults.length) fill(this.wrong, trouble(problem));
    else this.controls.get(problem.faults[0].field).control.focus();
  }
}
