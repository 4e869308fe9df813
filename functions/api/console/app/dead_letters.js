// Dead letters: by reason, chosen or filtered, counted, then sent again.

import { pages, post } from "./api.js";
import { el, fill, holding } from "./dom.js";
import { inTurn } from "./live.js";
import { ask, badge, choice, empty, severityIcon, skeleton, toast, trouble } from "./parts.js";
import { address, go } from "./place.js";
import { session } from "./session.js";
import { asked, places, whereTo, which } from "./replaying.js";
import { grouped, moment } from "./time.js";
import { words } from "../words.js";

const W = words.dead;
const NAMES = ["destination", "type", "severity", "since"];
const MOST_PAGES = 20;
const AT_ONCE = 100;
const DISABLED = /^the destination is disabled: /;
const SINCE = { "1h": 1, "24h": 24, "7d": 168, "90d": 2160 };

/** The page. Its filters are in the address. */
export function deadLetters(root, { query, signal }) {
  return new Dead(root, query, signal);
}

class Dead {
  constructor(root, query, signal) {
    this.root = root;
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
      if (!this.loaded) this.settle();
      this.chosen.clear();
      this.paint();
    } catch (problem) {
      if (problem.name !== "AbortError") fill(this.body, trouble(problem, () => this.load()));
    }
  }

  /** The grey bars go: what comes stands lower, and would move under the reader. */
  settle() {
    this.loaded = true;
    const body = el("div");
    this.body.replaceWith(body);
    this.body = body;
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
    holding(this.root, () => this.paintLetters());
  }

  paintLetters() {
    const shown = this.shown();
    this.paintBar(shown);
    if (!this.letters.length) return fill(this.body, empty(W.none, el("p", {}, W.noneHint)));
    if (!shown.length) {
      const clear = el("button.quiet", { type: "button", onclick: () => go(["dead"]) }, words.list.clear);
      return fill(this.body, empty(W.noneFit, clear));
    }
    const groups = Map.groupBy(shown, (each) => causeOf(each.reason) || W.noReason);
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
    const toggle = el("button.quiet", { type: "button", "aria-expanded": String(open), "data-hold": `show ${reason}`, onclick: () => this.toggle(reason) }, open ? W.hide : W.show);
    const by = [...Map.groupBy(letters, (each) => each.destination)];
    const names = by.map(([name, some]) => W.each(name, grouped(some.length)));
    const mend = session.mayChange && by.length === 1 ? el("a.button", { href: address(["setup", "destinations", by[0][0]]) }, W.mend) : null;
    return el(
      "section.card.reasons",
      {},
      el(
        "div.row",
        {},
        el("label.box", {}, box),
        el("div.grow", {}, el("b", {}, reason.charAt(0).toUpperCase() + reason.slice(1)), el("p.faint", {}, `${names.join(" · ")} · ${W.oldest} `, moment(letters[0].dead_at))),
        el("b.number", {}, grouped(letters.length)),
        mend,
        toggle,
      ),
      open ? el("ul.letters", {}, letters.map((each) => this.letter(each))) : null,
    );
  }

  letter(each) {
    const box = el("input", { type: "checkbox", "aria-label": W.choose(each.title), "data-hold": keyOf(each), onchange: () => this.choose([keyOf(each)], box.checked) });
    box.checked = this.chosen.has(keyOf(each));
    return el(
      "li",
      {},
      el("label.box", {}, box),
      el("a.cut", { href: address(["notifications", each.notification_id]) }, `${severityIcon(each.severity)} ${each.title || each.type}`),
      each.open ? badge("firing", W.stillOpen) : null,
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
      const [counted, known] = await Promise.all([count(filter), places()]);
      fill(this.progress);
      const ways = await ask(question(counted, known));
      if (!ways) return;
      const goal = ways.only ? counted.open : counted.matched;
      await this.run(new Run({ ...ways, filter: { ...filter, until: counted.until } }, goal));
    } catch (problem) {
      fill(this.progress, trouble(problem));
    }
  }

  /** A hundred at a time, so that it shows, can be stopped, and goes on where it was. */
  async run(going) {
    going.stopped = false;
    try {
      while (!going.over && !going.stopped) {
        this.tell(going.replayed, going.goal, () => (going.stopped = true));
        going.took(await post("/dead-letters/replay", going.body));
      }
      this.finished(going.replayed, going.goal, going);
    } catch (problem) {
      const more = el("button", { type: "button", onclick: () => this.run(going) }, W.goOn);
      fill(this.progress, trouble(problem), el("div.note", {}, W.result(going.replayed, going.goal), " ", more));
    }
    await this.load();
  }

  /** Only those chosen by hand, one by one. */
  async replayChosen() {
    const letters = this.letters.filter((each) => this.chosen.has(keyOf(each)));
    const by = Object.fromEntries([...Map.groupBy(letters, (each) => each.destination)].map(([name, some]) => [name, some.length]));
    const open = letters.filter((each) => each.open);
    const ways = await ask(question({ matched: letters.length, open: open.length, by_destination: by }, await places()));
    if (!ways) return;
    await this.runEach(ways.only ? open : letters, ways.to);
    await this.load();
  }

  async runEach(letters, to) {
    this.tell(0, letters.length);
    const failed = await inTurn(
      letters,
      (each) => post(`/notifications/${each.notification_id}/replay`, { destination: each.destination, ...(to ? { to } : {}) }),
      (done) => this.tell(done, letters.length),
    );
    this.finished(letters.length - failed.length, letters.length);
    if (failed.length) toast(W.failed(failed.length, failed[0].problem.message), "bad");
  }

  tell(done, all, stop) {
    const meter = el("progress", { max: all, "aria-label": W.progress(done, all) });
    meter.value = done;
    const halt = stop ? el("button.quiet", { type: "button", onclick: stop }, W.stop) : null;
    fill(this.progress, el("div.note.going", {}, el("div.row.spread", {}, W.progress(done, all), halt), meter));
  }

  finished(done, all, going) {
    const already = going?.already ? el("p", {}, W.already(going.already)) : null;
    const more = going && !going.over ? el("button", { type: "button", onclick: () => this.run(going) }, W.goOn) : null;
    fill(this.progress, el("div.note", {}, el("strong", {}, W.result(done, all)), already, more));
  }
}

/** A replay under way: what was asked for, and how far it has come. */
class Run {
  constructor(asked, goal) {
    this.asked = asked;
    this.goal = goal;
    this.cursor = "";
    this.replayed = 0;
    this.already = 0;
    this.over = false;
  }

  get body() {
    return { ...this.asked, limit: AT_ONCE, cursor: this.cursor };
  }

  took(answer) {
    this.replayed += answer.replayed;
    this.already += answer.already;
    this.cursor = answer.next;
    this.over = !answer.next;
  }
}

/** All that fit, however many pages they lie on. */
async function count(filter) {
  let total;
  let cursor = "";
  do {
    const answer = await post("/dead-letters/replay", { filter, dry_run: true, cursor });
    filter = { ...filter, until: answer.until };
    total = total ? added(total, answer) : answer;
    cursor = answer.next;
  } while (cursor);
  return total;
}

function added(total, answer) {
  const names = new Set([...Object.keys(total.by_destination), ...Object.keys(answer.by_destination)]);
  const by = [...names].map((name) => [name, (total.by_destination[name] ?? 0) + (answer.by_destination[name] ?? 0)]);
  return {
    ...total,
    matched: total.matched + answer.matched,
    open: total.open + answer.open,
    by_destination: Object.fromEntries(by),
  };
}

/** The dialog: how many, which of them, where to. Resolves to the API's own words. */
function question(counted, known) {
  const names = Object.entries(counted.by_destination).map(([name, some]) => el("li", {}, W.each(name, grouped(some))));
  const lead = el("p", {}, W.askLead);
  const tell = (count) => {
    const button = lead.closest("dialog").querySelector("button[type=submit]");
    button.textContent = W.go(grouped(count));
  };
  return {
    title: W.ask(counted.matched),
    body: [
      lead,
      el("ul.titles", {}, names),
      counted.matched ? which(counted.matched, counted.open, tell) : null,
      counted.matched ? whereTo(known) : null,
      el("p", {}, W.unmended),
    ],
    confirm: counted.matched ? W.go(grouped(counted.matched)) : "",
    act: asked,
  };
}

/** Those that came after it was disabled died of what disabled it. */
function causeOf(reason) {
  return reason.replace(DISABLED, "");
}

function keyOf(letter) {
  return `${letter.notification_id} ${letter.destination}`;
}
