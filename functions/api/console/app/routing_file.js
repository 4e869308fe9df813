// The routing file: checked while it is written, put live under its ETag, tried with an event.

import { call, read, readHealth } from "./api.js";
import { editor } from "./editor.js";
import { el, fill } from "./dom.js";
import { ask, severityIcon, skeleton, toast, trouble } from "./parts.js";
import { address } from "./place.js";
import { imagined } from "./preview.js";
import { session } from "./session.js";
import { stamp } from "./time.js";
import { words } from "../words.js";

const W = words.routes;
const SETTLED = 700;
const YAML = "application/yaml";
const MISTAKEN = [400, 422];
const NOTHING = /^\s*(\{\})?\s*$/;

// A draft survives a look at other pages, for whoever wrote it.
const kept = { turn: null, draft: null };

addEventListener("beforeunload", (event) => {
  if (kept.draft && kept.turn === session.turn) event.preventDefault();
});

/** The editor beside what the file says. */
export class Editing {
  constructor(root, signal) {
    this.signal = signal;
    this.live = "";
    this.state = el("span.faint", { role: "status" });
    this.told = el("div.told", { "aria-live": "polite" });
    this.history = el("div");
    this.editor = editor(W.editor, () => this.typed());
    this.editor.ready = false; // what was written before the file came would be lost
    this.saving = el("button.primary", { type: "button", disabled: true, onclick: () => this.save() }, W.save);
    this.checking = el("button", { type: "button", onclick: () => this.check() }, W.check);
    this.undo = el("button.quiet", { type: "button", hidden: true, onclick: () => this.revert() }, W.revert);
    const left = el("div", {}, this.editor.node, el("div.row.end", {}, this.state, this.undo, this.checking, this.saving), el("div.told", {}, dryRun(), this.history));
    fill(this.told, skeleton(4));
    fill(root, el("p.lead", {}, W.lead), el("div.editing", {}, left, this.told));
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.load();
  }

  get draft() {
    return kept.turn === session.turn ? kept.draft : null;
  }

  set draft(draft) {
    Object.assign(kept, { turn: session.turn, draft });
  }

  get changed() {
    return Boolean(this.draft);
  }

  async load() {
    try {
      const { data, etag } = await call("GET", "/config", { accept: YAML, signal: this.signal });
      this.live = data;
      const mine = this.draft;
      this.etag = mine?.etag ?? etag;
      this.editor.text = mine?.text ?? (NOTHING.test(data) ? await example(data) : data);
      this.editor.ready = true;
      this.paint();
      this.check();
      this.listEditions();
    } catch (problem) {
      if (problem.name !== "AbortError") fill(this.told, trouble(problem, () => this.load()));
    }
  }

  typed() {
    this.draft = this.editor.text === this.live ? null : { text: this.editor.text, etag: this.etag };
    this.paint();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), SETTLED);
  }

  paint() {
    this.state.textContent = this.changed ? W.changed : W.clean;
    this.saving.disabled = !this.changed && this.editor.text === this.live;
    this.undo.hidden = !this.changed;
  }

  revert() {
    this.editor.text = this.live;
    this.typed();
  }

  async check() {
    const text = this.editor.text;
    try {
      const { data } = await call("POST", "/config/check", { body: text, signal: this.signal });
      if (text !== this.editor.text) return;
      this.editor.mark(0);
      fill(this.told, report(data));
    } catch (problem) {
      if (problem.name !== "AbortError" && text === this.editor.text) this.failed(problem);
    }
  }

  failed(problem) {
    if (MISTAKEN.includes(problem.status)) this.refused(problem);
    else fill(this.told, trouble(problem, () => this.check()));
  }

  /** What is wrong, each at its line. */
  refused(problem) {
    const reasons = problem.faults.length ? problem.faults : [{ field: "", reason: problem.message }];
    const lines = reasons.map((fault) => Number(/line (\d+)/.exec(fault.reason)?.[1] ?? 0));
    this.editor.mark(lines.find(Boolean) ?? 0);
    const items = reasons.map((fault, index) => {
      const jump = lines[index]
        ? el("button.quiet", { type: "button", onclick: () => this.editor.goTo(lines[index]) }, W.goTo(lines[index]))
        : null;
      return el("li", {}, el("code", {}, fault.field), " ", fault.reason.replace(/^line \d+: /, ""), jump);
    });
    fill(this.told, el("div.trouble", { role: "alert" }, el("strong", {}, W.bad), el("ul", {}, items)));
  }

  async save() {
    this.saving.disabled = true;
    this.state.textContent = W.saving;
    try {
      const text = this.editor.text;
      const { data } = await call("PUT", "/config", { body: text, etag: this.etag });
      this.live = text;
      this.etag = `"${data.etag}"`;
      this.draft = null;
      toast(W.saved(data.etag));
      this.listEditions();
      this.check();
    } catch (problem) {
      if (problem.status === 409 || problem.status === 412) await this.clash(problem);
      else this.failed(problem);
    }
    this.paint();
  }

  async clash(problem) {
    await ask({
      title: W.conflict, body: el("p", {}, problem.message), confirm: W.loadTheirs, danger: true,
      act: async () => {
        this.draft = null;
        await this.load();
      },
    });
  }

  async listEditions() {
    const { editions } = await read("/config/editions", {}, this.signal).catch(() => ({ editions: [] }));
    const rows = editions.map((each) =>
      el(
        "li.row",
        {},
        el("span", {}, W.edition(each.etag)),
        el("span.faint", {}, stamp(each.at), each.actor ? ` ${W.by} ${each.actor}` : ""),
        el("button.quiet", { type: "button", onclick: () => this.loadOld(each.etag) }, W.loadOld),
      ),
    );
    fill(this.history, rows.length ? el("details", {}, el("summary", {}, W.history), el("ul.card", {}, rows)) : null);
  }

  async loadOld(etag) {
    try {
      const { data } = await call("GET", "/config", { query: { etag }, accept: YAML });
      this.editor.text = data;
      this.typed();
    } catch (problem) {
      fill(this.told, trouble(problem));
    }
  }
}

/** What a file may look like, as far as there is anywhere to send to. */
async function example(data) {
  const { destinations } = await readHealth().catch(() => ({ destinations: {} }));
  const [name] = Object.keys(destinations);
  return name ? W.example(name) : data;
}

function report(told) {
  const changes = told.changes.map((each) =>
    el(
      "li.change",
      {},
      el("a", { href: address(["notifications", each.id]) }, `${severityIcon(each.severity)} ${each.title || each.type}`),
      el("span.faint", {}, `${each.before.join(", ") || W.nowhere} → ${each.after.join(", ") || W.nowhere}`),
    ),
  );
  const many = changes.length ? W.whatIfSome(told.would, told.recent_checked) : W.whatIfNone(told.recent_checked);
  return [
    el("div.note", {}, el("strong", {}, W.good)),
    told.warnings.length ? el("section", {}, el("h2.small", {}, W.warnings), el("ul", {}, told.warnings.map((each) => el("li.warning", {}, each)))) : null,
    el("section.card", {}, el("h2.small", {}, W.whatIf), el("p.faint", {}, many), el("ul", {}, changes)),
    el("section.card", {}, el("h2.small", {}, W.says), el("ul.says", { tabindex: "0", "aria-label": W.says }, told.explanation.map((each) => el("li", {}, each)))),
  ];
}

/** An event, and where it would go. */
function dryRun() {
  const area = el("textarea", { "aria-label": W.dry, spellcheck: "false", value: W.dryEvent });
  const result = el("div", { role: "status" });
  async function run() {
    try {
      const event = JSON.parse(area.value);
      const answer = await call("POST", "/events", { query: { dry_run: "true" }, body: event });
      fill(result, decided(answer.data), await imagined(event, goals(answer.data)));
    } catch (problem) {
      const told = problem instanceof SyntaxError ? { message: `${W.dryWrong} ${problem.message}` } : problem;
      fill(result, trouble(told));
    }
  }
  const button = el("button", { type: "button", onclick: run }, W.dryRun);
  return el("details.dry", {}, el("summary", {}, W.dry), el("div.card", {}, el("p.faint", {}, W.dryLead), area, button, result));
}

function goals(answer) {
  const one = answer.results?.[0] ?? answer;
  return (one.deliveries ?? []).filter((each) => each.status !== "suppressed").map((each) => each.destination);
}

function decided(answer) {
  const one = answer.results?.[0] ?? answer;
  const names = goals(answer);
  const steps = (one.trace ?? []).map((step) => el("li", {}, el("b", {}, step.rule), el("span", {}, step.verdict)));
  return el("div.note", {}, el("strong", {}, W.dryTo(names)), el("ol.why", {}, steps));
}
