// What a source may send: types, how much, and what adapters are told about its calls.

import { call } from "./api.js";
import { el, fill } from "./dom.js";
import { field, say, toast, trouble } from "./parts.js";
import { words } from "../words.js";

const W = words.source;
const GLOB = /^[\w.*?[\]!:/-]{1,100}$/;
const MOST_TYPES = 50;
const HIGHEST = 100_000;

// Each reads what was typed; what it throws is what is wrong, in words.
const READ = {
  types(text) {
    const globs = text.split(",").map((each) => each.trim()).filter(Boolean);
    const odd = globs.find((each) => !GLOB.test(each));
    if (odd) throw new Error(W.typesWrong(odd));
    if (globs.length > MOST_TYPES) throw new Error(W.typesMany(MOST_TYPES));
    return globs;
  },
  rate(text) {
    if (!/^\d*$/.test(text.trim()) || Number(text) > HIGHEST) throw new Error(W.rateWrong);
    return Number(text);
  },
  options(text) {
    if (!text.trim()) return {};
    let told;
    try {
      told = JSON.parse(text);
    } catch (error) {
      throw new Error(`${W.optionsWrong} ${error.message}`, { cause: error });
    }
    if (!isObject(told) || !Object.values(told).every(isObject)) throw new Error(W.optionsShape);
    return told;
  },
};

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** The form, over a source as the API tells it. */
export function bounds(known) {
  return new Bounds(known).form;
}

class Bounds {
  constructor(known) {
    this.known = known;
    this.button = el("button.primary", { type: "submit" }, W.save);
    this.told = el("p.faint", { role: "status" });
    this.wrong = el("div");
    const plain = { autocomplete: "off", spellcheck: "false" };
    this.rows = new Map(
      [
        ["types", el("input", { ...plain, name: "types" })],
        ["rate", el("input", { ...plain, name: "rate", inputmode: "numeric" })],
        ["options", el("textarea", { ...plain, name: "options", rows: 5 })],
      ].map(([name, control]) => [name, this.row(name, control)]),
    );
    const more = el("details.more", { open: Object.keys(known.options).length > 0 }, el("summary", {}, W.more), el("div.folded", {}, this.rows.get("options").shown));
    this.form = el(
      "form.card",
      { novalidate: true, "aria-label": W.bounds, onsubmit: (event) => this.submitted(event) },
      el("h3", {}, W.bounds),
      this.rows.get("types").shown,
      this.rows.get("rate").shown,
      more,
      this.wrong,
      el("div.row", {}, this.button, this.told),
    );
    this.show();
  }

  row(name, control) {
    const [label, hint] = W.fields[name];
    const shown = field(label, control, hint);
    const row = { control, shown, hint };
    control.addEventListener("input", () => {
      fill(this.told);
      say(shown, this.fault(name, control.value), hint);
    });
    return row;
  }

  /** As it stands now. */
  show() {
    const { types, rate, options } = this.known;
    const said = { types: types.join(", "), rate: rate || "", options: Object.keys(options).length ? JSON.stringify(options, null, 2) : "" };
    for (const [name, { control }] of this.rows) control.value = said[name];
  }

  /** What is wrong with what was typed, or "". */
  fault(name, text) {
    try {
      READ[name](text);
      return "";
    } catch (error) {
      return error.message;
    }
  }

  judged() {
    let first = null;
    for (const [name, { control, shown, hint }] of this.rows) {
      const wrong = this.fault(name, control.value);
      say(shown, wrong, hint);
      if (wrong) first ??= control;
    }
    first?.focus();
    return !first;
  }

  /** Only what was changed here: what somebody else changes meanwhile stays. */
  changes() {
    const read = [...this.rows].map(([name, { control }]) => [name, READ[name](control.value)]);
    return Object.fromEntries(read.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(this.known[name])));
  }

  async submitted(event) {
    event.preventDefault();
    if (this.sending || !this.judged()) return;
    const body = this.changes();
    fill(this.wrong);
    if (!Object.keys(body).length) return fill(this.told, W.same);
    this.sending = true;
    fill(this.told, words.setup.saving);
    try {
      this.known = (await call("PATCH", `/sources/${encodeURIComponent(this.known.name)}`, { body })).data;
      this.show();
      fill(this.told, W.saved);
      toast(W.saved);
    } catch (problem) {
      fill(this.told);
      this.refused(problem);
    }
    this.sending = false;
  }

  /** Each fault at its field; the rest below. */
  refused(problem) {
    const left = (problem.faults ?? []).filter((fault) => {
      const [name, ...inside] = fault.field.split(".");
      const found = this.rows.get(name);
      if (found) say(found.shown, [inside.join("."), fault.reason].filter(Boolean).join(": "), found.hint);
      return !found;
    });
    if (left.length || !problem.faults?.length) return fill(this.wrong, trouble(problem));
    this.form.querySelector("[data-wrong] :is(input, textarea)").focus();
  }
}
