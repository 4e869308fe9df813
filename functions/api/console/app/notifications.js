// The list of notifications, with the one that is open beside it.

import { acknowledge, resolve } from "./acting.js";
import { read, ROOT } from "./api.js";
import { showDetail } from "./detail.js";
import { el, fill } from "./dom.js";
import { filters, NAMES } from "./filters.js";
import { keepCurrent } from "./live.js";
import { badge, empty, look, skeleton, snippet, trouble } from "./parts.js";
import { go } from "./place.js";
import { firstEvent } from "./samples.js";
import { moment, stamp } from "./time.js";
import { words } from "../words.js";

const W = words.list;
const PAGE = 50;
const NARROW_PAGE = 100;
const EVERY = 5_000;
const SEARCHED_EVERY = 20_000; // a search reads hundreds of rows for each screenful
const SETTLED = 400; // ms after the last key
const ENOUGH = 20; // hits, before a search stops by itself
const MOST_CALLS = 8;
const ASKED = [...NAMES, "q"];
const ID = /^[0-9a-hjkmnp-tv-z]{26}$/i;

/** The page. Its filters and the open notification are in the address. */
export function notifications(root, { parts, query, signal }) {
  return new List(root, parts, query, signal);
}

class List {
  constructor(root, parts, query, signal) {
    this.signal = signal;
    this.query = query;
    this.open = "";
    this.items = [];
    this.next = "";
    this.rows = new Map();
    this.chosen = new Set();
    this.cursor = "";
    this.loadedMore = false;
    this.going = 0;
    this.draw(root);
    this.moved(parts, query);
    this.refresh = keepCurrent(() => this.polled(), EVERY, signal);
    document.addEventListener("keydown", (event) => this.pressed(event), { signal });
  }

  draw(root) {
    this.search = el("input.search", {
      type: "search", placeholder: `${W.search}: ${W.searching}`, maxlength: "200", "aria-label": W.searchHint, value: this.query.get("q") ?? "",
      oninput: () => this.searched(),
    });
    this.filters = filters(this.query, (values) => this.filtered(values));
    this.all = el("input", { type: "checkbox", "aria-label": W.chooseAll, onchange: () => this.chooseAll() });
    this.told = el("span.faint", { role: "status", tabindex: "-1" }, words.loading);
    this.live = el("span.live", {}, words.live.on);
    this.bulkTold = el("span", {});
    this.bulk = el(
      "div.bulk",
      { hidden: true },
      this.bulkTold,
      el("button.primary", { type: "button", onclick: () => this.act(acknowledge) }, W.acknowledge),
      el("button", { type: "button", onclick: () => this.act(resolve) }, W.resolve),
      el("button.quiet", { type: "button", onclick: () => this.unchoose() }, W.unchoose),
    );
    this.list = el("ul.list", { "aria-label": W.title });
    this.more = el("button.quiet.wide", { type: "button", hidden: true, onclick: () => this.busy || this.goOn(1) }, words.more);
    this.far = el("span.faint", { tabindex: "-1" });
    this.further = el("button", { type: "button", onclick: () => (this.busy ? this.stop() : this.goOn(MOST_CALLS)) });
    this.reach = el("div.reach", { hidden: true }, this.far, this.further);
    this.under = el("div", {}, skeleton(8));
    this.pane = el("section.pane", { "aria-label": W.title, tabindex: "-1" });
    this.wrong = el("div");
    const head = el("div.head", {}, el("h1", {}, W.title), this.live, this.search);
    const line = el("div.line", {}, el("label.all", {}, this.all), this.told);
    const left = el("section.left", {}, head, this.filters.row, this.bulk, line, this.wrong, this.list, this.under, this.more, this.reach);
    this.split = el("div.split", {}, left, this.pane);
    fill(root, this.split);
  }

  /** The address changed: other filters, or another one open. */
  moved(parts, query) {
    const before = this.asked();
    this.query = query;
    this.filters.set(query);
    if (document.activeElement !== this.search) this.search.value = query.get("q") ?? "";
    const id = parts[0] ?? "";
    if (id !== this.open || !this.detail) this.show(id);
    if (before !== this.asked() && this.refresh) {
      this.loadedMore = false;
      this.looking = true;
      this.going += 1;
      this.chosen.clear();
      this.load().catch(() => {});
    }
    this.paint();
  }

  show(id) {
    this.detail?.abort();
    this.detail = new AbortController();
    this.open = id;
    if (id) this.cursor = id;
    this.split.dataset.open = id ? "yes" : "no";
    if (!id) return fill(this.pane, el("div.pick", {}, el("p", {}, W.pick), el("p.faint", {}, W.keys)));
    const back = () => go(["notifications"], this.query);
    showDetail(this.pane, id, { signal: this.detail.signal, back, changed: () => this.load() });
    if (matchMedia("(max-width: 1099px)").matches) scrollTo(0, 0);
  }

  asked() {
    return JSON.stringify(ASKED.map((name) => this.query.get(name) ?? ""));
  }

  wanted() {
    return Object.fromEntries(ASKED.map((name) => [name, this.query.get(name) ?? ""]));
  }

  /** Whether hits may be rare: then more is read at a time, and it says how far. */
  get narrowed() {
    return ASKED.some((name) => name !== "since" && this.query.get(name));
  }

  page(cursor) {
    return read("/notifications", { ...this.wanted(), limit: this.narrowed ? NARROW_PAGE : PAGE, cursor }, this.signal);
  }

  async polled() {
    const rests = this.query.get("q") && this.loaded && Date.now() - this.at < SEARCHED_EVERY;
    if (!rests) await this.load();
  }

  async load() {
    const asked = this.asked();
    this.at = Date.now();
    try {
      const answer = await this.page("");
      if (asked !== this.asked()) return;
      this.take(answer);
      fill(this.wrong);
      this.live.dataset.state = "on";
      this.live.textContent = words.live.on;
    } catch (problem) {
      if (problem.name === "AbortError" || asked !== this.asked()) return;
      this.live.dataset.state = "off";
      this.live.textContent = words.live.off;
      if (!this.items.length) fill(this.under);
      fill(this.wrong, trouble(problem));
      throw problem;
    }
  }

  /** The newest page; what was loaded further down stays. */
  take(answer) {
    const older = this.loadedMore && answer.next ? this.items.filter((each) => each.id < answer.next) : [];
    this.items = [...answer.notifications, ...older];
    if (!this.loadedMore) Object.assign(this, { next: answer.next, reached: answer.reached });
    const first = this.looking || !this.loaded;
    this.loaded = true;
    this.looking = false;
    if (first && this.narrowed) this.goOn(MOST_CALLS);
    else this.paint();
  }

  /** Look further back: so many calls at most, or until there is a screenful of hits. */
  async goOn(calls) {
    this.going += 1;
    const mine = this.going;
    const goal = this.items.length + ENOUGH;
    try {
      for (let call = 0; call < calls && this.next && this.items.length < goal; call += 1) {
        this.busy = true;
        this.paint();
        const answer = await this.page(this.next);
        if (mine !== this.going) return;
        const known = new Set(this.items.map((each) => each.id));
        this.items.push(...answer.notifications.filter((each) => !known.has(each.id)));
        Object.assign(this, { next: answer.next, reached: answer.reached, loadedMore: true });
      }
    } catch (problem) {
      if (problem.name !== "AbortError") fill(this.wrong, trouble(problem));
    }
    if (mine !== this.going) return;
    this.busy = false;
    this.paint();
  }

  stop() {
    this.going += 1;
    this.busy = false;
    this.paint();
  }

  /** Until the API has looked, those among the loaded that say the same. */
  shown() {
    const asked = (this.query.get("q") ?? "").toLowerCase().split(/\s+/);
    if (!this.looking) return this.items;
    return this.items.filter((each) => {
      const text = [each.title, each.message, each.type, each.source, each.branch, each.id, each.ack_by].join("\n").toLowerCase();
      return asked.every((word) => text.includes(word));
    });
  }

  paint() {
    if (!this.loaded) return;
    const shown = this.shown();
    const rows = shown.map((each) => this.row(each));
    const now = [...this.list.children];
    if (rows.length !== now.length || rows.some((row, index) => row !== now[index])) this.list.replaceChildren(...rows);
    for (const id of this.chosen) if (!this.items.some((each) => each.id === id)) this.chosen.delete(id);
    for (const [id, { row, box }] of this.rows) {
      row.dataset.cursor = id === this.cursor ? "yes" : "no";
      row.dataset.open = id === this.open ? "yes" : "no";
      box.checked = this.chosen.has(id);
    }
    this.tell(shown.length);
    this.hide(this.more, this.narrowed || !this.next, this.told);
    this.paintReach();
    this.all.checked = shown.length > 0 && shown.every((each) => this.chosen.has(each.id));
    this.paintBulk();
    if (shown.length) fill(this.under);
    else if (this.looking || this.busy) fill(this.under, skeleton(3));
    else if (!this.next) fill(this.under, this.nothing());
    else fill(this.under, empty(W.noneYet));
  }

  /** How many, once it is known: what says the same is not read out again. */
  tell(count) {
    const told = this.looking ? words.loading : this.busy ? W.goingOn : W.count(count, Boolean(this.next));
    if (this.told.textContent !== told) this.told.textContent = told;
  }

  /** How far back was looked, and what goes on from there. */
  paintReach() {
    const over = !this.next && !this.busy;
    this.reach.hidden = this.looking || !this.narrowed || (over && !this.loadedMore);
    if (this.reach.hidden) return;
    fill(this.far, over ? W.searchedAll : [this.busy ? W.lookingBack : W.searchedBack, " ", stamp(this.reached)]);
    this.further.textContent = this.busy ? W.stop : W.goOn;
    this.hide(this.further, over, this.far);
  }

  /** A button that goes leaves its focus to what stands there. */
  hide(button, wanted, heir) {
    const held = wanted && document.activeElement === button;
    button.hidden = wanted;
    if (held) heir.focus({ preventScroll: true });
  }

  nothing() {
    if (this.narrowed || this.query.get("since")) {
      const clear = el("button.quiet", { type: "button", onclick: () => go(["notifications"]) }, W.clear);
      return empty(W.none, el("p", {}, W.noneHint), clear);
    }
    return empty(W.nothing, el("p", {}, W.nothingHint), snippet(firstEvent(ROOT), words.keys.curl));
  }

  /** The same node for the same notification as long as it says the same. */
  row(each) {
    const said = JSON.stringify(each);
    const known = this.rows.get(each.id);
    if (known?.said === said) return known.row;
    const box = el("input", { type: "checkbox", "aria-label": W.choose(each.title || each.type), onchange: () => this.choose(each.id, box.checked) });
    const over = each.state === "resolved" || each.resolved_at;
    const link = el(
      "a",
      { href: `#/notifications/${each.id}`, onclick: (event) => this.clicked(event, each.id) },
      el("span.look", { role: "img", "aria-label": over ? words.statuses.resolved : words.severities[each.severity] }, look(each)),
      el("span.what", {}, el("b", {}, each.title || each.message || each.type), el("span.where", {}, where(each))),
      el("span.when", {}, moment(each.last_at), stateBadge(each)),
    );
    const row = el("li.item", { "data-severity": over ? "resolved" : each.severity, "data-acknowledged": each.ack_at ? "yes" : null }, el("label.box", {}, box), link);
    this.rows.set(each.id, { row, box, said });
    return row;
  }

  clicked(event, id) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(["notifications", id], this.query);
  }

  choose(id, wanted) {
    if (wanted) this.chosen.add(id);
    else this.chosen.delete(id);
    this.paint();
  }

  chooseAll() {
    for (const each of this.shown()) {
      if (this.all.checked) this.chosen.add(each.id);
      else this.chosen.delete(each.id);
    }
    this.paint();
  }

  paintBulk() {
    this.bulk.hidden = !this.chosen.size;
    this.bulkTold.textContent = W.chosen(this.chosen.size);
  }

  unchoose() {
    this.chosen.clear();
    this.paint();
  }

  /** Act on what is chosen; else on the one under the cursor. */
  async act(what) {
    const ids = this.chosen.size ? this.chosen : new Set([this.open || this.cursor]);
    const items = this.items.filter((each) => ids.has(each.id));
    if (!items.length || !(await what(items))) return;
    this.chosen.clear();
    await this.load().catch(() => {});
    if (this.open && ids.has(this.open)) this.show(this.open);
  }

  searched() {
    const text = this.search.value.trim();
    clearTimeout(this.typing);
    if (ID.test(text)) return go(["notifications", text.toLowerCase()]);
    this.typing = setTimeout(() => this.search.isConnected && this.asking(text), SETTLED);
  }

  asking(text) {
    const query = new URLSearchParams(this.query);
    if (text) query.set("q", text);
    else query.delete("q");
    go(this.open ? ["notifications", this.open] : ["notifications"], query, true);
  }

  filtered(values) {
    const q = this.query.get("q");
    go(["notifications"], { ...values, ...(q ? { q } : {}) });
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
    const writing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape") {
      if (writing) event.target.blur();
      else if (this.open) go(["notifications"], this.query);
      return;
    }
    if (writing) return;
    const does = {
      j: () => this.step(1), k: () => this.step(-1), ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1),
      Enter: () => this.enter(event), x: () => this.cursor && this.choose(this.cursor, !this.chosen.has(this.cursor)),
      a: () => this.act(acknowledge), r: () => this.act(resolve), "/": () => this.search.select(),
    }[event.key];
    if (!does || (event.key.startsWith("Arrow") && event.target.closest(".pane"))) return;
    if (event.key !== "Enter") event.preventDefault();
    does();
  }

  enter(event) {
    if (event.target.closest("a, button, summary")) return;
    if (this.cursor) go(["notifications", this.cursor], this.query);
  }

  step(by) {
    const shown = this.shown();
    if (!shown.length) return;
    const at = shown.findIndex((each) => each.id === this.cursor);
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))] ?? shown[0];
    this.cursor = next.id;
    this.paint();
    const { row } = this.rows.get(next.id);
    row.scrollIntoView({ block: "nearest" });
    row.querySelector("a").focus({ preventScroll: true });
    if (this.open) go(["notifications", next.id], this.query, true);
  }
}

function where(each) {
  const names = each.deliveries.map((delivery) => delivery.destination);
  const told = names.length > 3 ? `${names.slice(0, 3).join(", ")} +${names.length - 3}` : names.join(", ");
  const parts = [each.type, each.branch, each.source, told ? `→ ${told}` : W.nobody];
  if (each.occurrences > 1) parts.push(W.seen(each.occurrences));
  if (each.ack_by) parts.push(`👀 ${each.ack_by}`);
  return parts.filter(Boolean).join(" · ");
}

/** What matters most of where it stands: trouble, then who is on it, then its state. */
function stateBadge(each) {
  if (["dead_letter", "failed"].includes(each.status)) return badge(each.status);
  if (each.state === "resolved" || each.resolved_at) return badge("resolved");
  if (each.ack_at) return badge("acknowledged");
  if (each.state === "firing") return badge("firing");
  return badge(each.status);
}
