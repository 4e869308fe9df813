// Dead letters: by reason, chosen or filtered, counted, then sent again.

import { pages, post } from "./api.js";
import { el, fill } from "./dom.js";
import { inTurn } from "./live.js";
import { ask, choice, empty, severityIcon, skeleton, toast, trouble } from "./parts.js";
import { address, go } from "./place.js";
import { grouped, moment } from "./time.js";
import { words } from "../words.js";

const W = words.dead;
const NAMES = ["destination", "type", "severity", "since"];
const MOST_PAGES = 20;
const SINCE = { "1h": 1, "24h": 24, "7d": 168, "90d": 2160 };

/** The page. Its filters are in the address. */
export function deadLetters(root, { query, signal }) {
  return new Dead(root, query, signal);
}

class Dead {
  constructor(root, query, signal) {
    this.query = query;
    this.signal = signal;
    this.letters = [];
    this.chosen = new Set();
    this.opened = new Set();
    this.body = el("div", {}, skeleton(5));
    this.tools = el("div.filters", { role: "group", "aria-label": words.list.by });
    this.bar = el("div.bulk.still", { hidden: true });
    this.progress = el("div", { role: "status" });
    fill(root, el("div.head", {}, el("h1", {}, W.title)), el("p.lead", {}, W.lead), this.tools, this.bar, this.progress, this.body);
    this.load();
  }

  moved(parts, query) {
    this.query = query;
    this.chosen.clear();
    this.paint();
  }

  async load() {
    try {
      const { found, more } = await pages("/dead-letters", "dead_letters", {}, MOST_PAGES, this.signal);
      this.letters = found;
      this.more = more;
      this.chosen.clear();
      this.paint();
    } catch (problem) {
      if (problem.name !== "AbortError") fill(this.body, trouble(problem));
    }
  }

  /** Those that the filters let through, as the API would. */
  shown() {
    const { destination, type, severity, since } = Object.fromEntries(this.query);
    const after = since in SINCE ? new Date(Date.now() - SINCE[since] * 3_600_000).toISOString() : "";
    return this.letters.filter(
      (each) =>
        (!destination || each.destination === destination) &&
        (!type || each.type === type) &&
        (!severity || each.severity === severity) &&
        each.dead_at >= after,
    );
  }

  paint() {
    this.paintTools();
    const shown = this.shown();
    this.paintBar(shown);
    if (!this.letters.length) return fill(this.body, empty(W.none, el("p", {}, W.noneHint)));
    if (!shown.length) {
      const clear = el("button.quiet", { type: "button", onclick: () => go(["dead"]) }, words.list.clear);
      return fill(this.body, empty(W.noneFit, clear));
    }
    const groups = Map.groupBy(shown, (each) => each.reason || W.noReason);
    const sorted = [...groups].sort((one, other) => other[1].length - one[1].length);
    fill(this.body, el("h2.small", {}, W.reasons), sorted.map(([reason, letters]) => this.group(reason, letters)));
  }

  paintTools() {
    const options = (name, label) => {
      const values = [...new Set(this.letters.map((each) => each[name]))].sort();
      const chosen = this.query.get(name) ?? "";
      if (chosen && !values.includes(chosen)) values.push(chosen);
      return [["", label], ...values.map((value) => [value, words.severities[value] ?? value])];
    };
    const L = words.list;
    const all = {
      destination: options("destination", L.any.destination),
      type: options("type", L.any.type),
      severity: options("severity", L.any.severity),
      since: [["", L.any.time], ...Object.entries(L.since)],
    };
    const held = this.tools.contains(document.activeElement) ? document.activeElement.name : "";
    const controls = NAMES.map((name) =>
      choice(name, all[name], this.query.get(name) ?? "", { "aria-label": L.filters[name], onchange: () => this.filtered() }),
    );
    this.tools.hidden = !this.letters.length;
    fill(this.tools, controls);
    if (held) this.tools.querySelector(`[name=${held}]`).focus();
  }

  filtered() {
    go(["dead"], Object.fromEntries([...this.tools.children].map((each) => [each.name, each.value])));
  }

  paintBar(shown) {
    this.bar.hidden = !shown.length;
    const some = this.chosen.size;
    const told = some ? W.chosen(some, shown.length) : W.count(shown.length, this.letters.length, this.more);
    const replay = some
      ? el("button.primary", { type: "button", onclick: () => this.replayChosen() }, W.replayChosen(some))
      : el("button.primary", { type: "button", onclick: () => this.replayShown() }, W.replayShown(shown.length));
    const none = some ? el("button.quiet", { type: "button", onclick: () => this.choose([], true) }, words.list.unchoose) : null;
    fill(this.bar, el("span", {}, told), replay, none);
  }

  group(reason, letters) {
    const keys = letters.map(keyOf);
    const all = keys.every((key) => this.chosen.has(key));
    const box = el("input", { type: "checkbox", "aria-label": W.choose(reason), onchange: () => this.choose(keys, box.checked) });
    box.checked = all;
    box.indeterminate = !all && keys.some((key) => this.chosen.has(key));
    const open = this.opened.has(reason);
    const toggle = el("button.quiet", { type: "button", "aria-expanded": String(open), onclick: () => this.toggle(reason) }, open ? W.hide : W.show);
    const names = [...Map.groupBy(letters, (each) => each.destination)].map(([name, some]) => W.each(name, grouped(some.length)));
    return el(
      "section.card.reasons",
      {},
      el(
        "div.row",
        {},
        el("label.box", {}, box),
        el("div.grow", {}, el("b", {}, reason), el("p.faint", {}, `${names.join(" · ")} · ${W.oldest} `, moment(letters[0].dead_at))),
        el("b.number", {}, grouped(letters.length)),
        toggle,
      ),
      open ? el("ul.letters", {}, letters.map((each) => this.letter(each))) : null,
    );
  }

  letter(each) {
    const box = el("input", { type: "checkbox", "aria-label": W.choose(each.title), onchange: () => this.choose([keyOf(each)], box.checked) });
    box.checked = this.chosen.has(keyOf(each));
    return el(
      "li",
      {},
      el("label.box", {}, box),
      el("a.cut", { href: address(["notifications", each.notification_id]) }, `${severityIcon(each.severity)} ${each.title || each.type}`),
      el("span.faint", {}, `→ ${each.destination} · ${W.attempts(each.attempts)} · ${W.since} `, moment(each.dead_at)),
    );
  }

  toggle(reason) {
    if (!this.opened.delete(reason)) this.opened.add(reason);
    this.paint();
  }

  choose(keys, wanted) {
    if (!keys.length) this.chosen.clear();
    for (const key of keys) {
      if (wanted) this.chosen.add(key);
      else this.chosen.delete(key);
    }
    this.paint();
  }

  /** Everything that fits the filters: the API counts, then replays. */
  async replayShown() {
    const filter = Object.fromEntries(NAMES.map((name) => [name, this.query.get(name)]).filter(([, value]) => value));
    try {
      fill(this.progress, el("p.faint", {}, W.asking));
      const counted = await post("/dead-letters/replay", { filter, dry_run: true });
      fill(this.progress);
      const sure = await ask(this.question(counted.matched, counted.by_destination, counted.more, () => this.run(filter, counted.matched)));
      if (sure) await this.load();
    } catch (problem) {
      fill(this.progress, trouble(problem));
    }
  }

  async run(filter, counted) {
    let replayed = 0;
    let more = true;
    let matched = 0;
    while (more) {
      const answer = await post("/dead-letters/replay", { filter });
      replayed += answer.replayed;
      matched += answer.matched;
      more = answer.more && answer.replayed > 0;
      this.tell(replayed, Math.max(counted, matched));
    }
    this.finished(replayed, Math.max(counted, replayed));
    return true;
  }

  /** Only those chosen by hand, one by one. */
  async replayChosen() {
    const letters = this.letters.filter((each) => this.chosen.has(keyOf(each)));
    const by = Object.fromEntries([...Map.groupBy(letters, (each) => each.destination)].map(([name, some]) => [name, some.length]));
    const sure = await ask(this.question(letters.length, by, false, () => this.runEach(letters)));
    if (sure) await this.load();
  }

  async runEach(letters) {
    const failed = await inTurn(
      letters,
      (each) => post(`/notifications/${each.notification_id}/replay`, { destination: each.destination }),
      (done) => this.tell(done, letters.length),
    );
    if (failed.length === letters.length) throw failed[0].problem;
    this.finished(letters.length - failed.length, letters.length);
    if (failed.length) toast(W.failed(failed.length, failed[0].problem.message), "bad");
    return true;
  }

  question(count, by, more, act) {
    const names = Object.entries(by).map(([name, some]) => el("li", {}, W.each(name, grouped(some))));
    return {
      title: W.ask(count),
      body: [el("p", {}, W.askLead), el("ul.titles", {}, names), more ? el("p", {}, W.more) : null, el("p", {}, W.unmended)],
      confirm: count ? W.go(grouped(count)) : "",
      act,
    };
  }

  tell(done, all) {
    const meter = el("progress", { max: all, "aria-label": W.progress(done, all) });
    meter.value = done;
    fill(this.progress, el("div.note", {}, W.progress(done, all), meter));
  }

  finished(done, all) {
    fill(this.progress, el("div.note", {}, el("strong", {}, W.result(done, all))));
  }
}

function keyOf(letter) {
  return `${letter.notification_id} ${letter.destination}`;
}
