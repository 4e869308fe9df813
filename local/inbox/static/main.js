// The page: channels on the left, one timeline, everything live.
import { appriseNode } from "./apprise.js";
import { el } from "./dom.js";
import { mailNode } from "./mail.js";
import { messageNode } from "./message.js";
import { pagerdutyNode } from "./pagerduty.js";
import { slackNode } from "./slack.js";
import { smsNode } from "./sms.js";
import { teamsNode } from "./teams.js";
import { telegramNode } from "./telegram.js";
import { dayNumber, exact, spell } from "./time.js";
import { webhookNode } from "./webhook.js";
import { whatsappNode } from "./whatsapp.js";

const REFUSED = "!refused";
const EVERYWHERE = "!everywhere";
// What each provider is called, and how one of its messages is drawn.
const PROVIDERS = {
  discord: { title: "Discord", draw: messageNode },
  slack: { title: "Slack", draw: slackNode },
  telegram: { title: "Telegram", draw: telegramNode },
  whatsapp: { title: "WhatsApp", draw: whatsappNode },
  teams: { title: "Teams", draw: teamsNode },
  pagerduty: { title: "PagerDuty", draw: pagerdutyNode },
  email: { title: "Email", reader: "a mail program", draw: mailNode },
  sms: { title: "SMS", reader: "a telephone", draw: smsNode },
  apprise: { title: "Apprise", reader: "a telephone", draw: appriseNode },
  webhook: { title: "Webhooks", draw: webhookNode },
};
const RUN_SECONDS = 420;
const SHOWN = 400;
const KEPT = 3000;
const at = (id) => document.getElementById(id);

const state = {
  messages: new Map(), // by seq, in order
  names: {},
  refused: [],
  stats: {},
  loaded: false,
  channel: null, // a webhook's id, REFUSED or EVERYWHERE
  seen: new Map(), // webhook -> newest seq seen
  filter: "",
};

// -- reading ----------------------------------------------------------------------

async function load() {
  const [messages, names, calls] = await Promise.all([
    read("/_control/messages?newest=1&limit=1000"),
    read("/_control/names"),
    read("/_control/calls?limit=5000"),
  ]);
  state.messages = new Map(messages.messages.map((m) => [m.seq, m]));
  state.loaded = true;
  state.names = names;
  state.refused = calls.calls.filter(isTrouble).slice(-300);
  if (!state.channel || !known(state.channel)) state.channel = newestChannel();
  for (const id of channels().keys()) {
    if (!state.seen.has(id)) state.seen.set(id, lastSeq(id));
  }
  drawAll();
}

async function read(path) {
  const response = await fetch(path);
  return response.json();
}

function isTrouble(call) {
  return call.status >= 400 || call.status === 0;
}

/** Webhook -> its messages that are still visible, in the order of first arrival. */
function channels() {
  const found = new Map();
  for (const message of state.messages.values()) {
    if (message.deleted_at) continue;
    if (!found.has(message.webhook)) found.set(message.webhook, []);
    found.get(message.webhook).push(message);
  }
  for (const name of Object.keys(state.names)) if (!found.has(name)) found.set(name, []);
  return found;
}

/** Of which provider a channel is: its messages tell. Without any, its id does: a chat of
 *  Telegram's, a webhook or channel of Slack's, an address, else Discord's. */
function providerOf(id) {
  const name = channels().get(id)?.at(-1)?.provider;
  if (name in PROVIDERS) return name;
  if (/^[BCDG][A-Z0-9]{5,}$/.test(id)) return "slack";
  if (/.@/.test(id)) return "email";
  if (/^\+\d/.test(id)) return "whatsapp";
  return /^-\d|^@/.test(id) ? "telegram" : "discord";
}

const known = (id) => id === REFUSED || id === EVERYWHERE || channels().has(id);
const lastSeq = (id) => channels().get(id)?.at(-1)?.seq ?? 0;
const newestChannel = () => [...state.messages.values()].at(-1)?.webhook
  ?? Object.keys(state.names)[0] ?? null;

function nameOf(id) {
  if (state.names[id]) return state.names[id];
  if (!/^\d+$/.test(id)) return id;
  return id.length > 12 ? `webhook-${id.slice(-6)}` : `webhook-${id}`;
}

function readerOf(id) {
  const { reader, title } = PROVIDERS[providerOf(id)];
  return reader ?? title;
}

// -- sidebar ------------------------------------------------------------------------

function drawChannels() {
  const found = channels();
  const groups = Object.entries(PROVIDERS).map(([name, { title }]) => [title,
    [...found].filter(([id]) => providerOf(id) === name)
      .map(([id, messages]) => channelRow(id, messages))]);
  const shown = groups.filter(([, rows]) => rows.length);
  at("channels").replaceChildren(
    pageRow(EVERYWHERE, "✳", "everywhere"),
    ...(shown.length ? shown : [["Discord", [el("div", { class: "none" }, "no webhook yet")]]])
      .flatMap(([title, rows]) => [el("div", { class: "group" }, title), ...rows]),
    el("div", { class: "group" }, "Provider"),
    pageRow(REFUSED, "⊘", "calls that failed", state.refused.length));
}

function channelRow(id, messages) {
  const seen = state.seen.get(id) ?? 0;
  const fresh = id === state.channel ? [] : messages.filter((m) => m.seq > seen);
  const pinged = fresh.filter((m) => m.pings.everyone || m.pings.users.length
    || m.pings.roles.length).length;
  const classes = ["channel", id === state.channel ? "chosen" : "", fresh.length ? "unread" : ""];
  return el("button", { type: "button", class: classes.join(" "), title: id,
    "aria-current": id === state.channel ? "true" : null, onclick: () => choose(id) },
    el("span", { class: "hash", "aria-hidden": "true" }, "#"),
    el("span", { class: "name" }, nameOf(id)),
    pinged ? el("span", { class: "count pings" }, String(pinged))
      : fresh.length ? el("span", { class: "count" }, String(fresh.length)) : null);
}

function pageRow(page, icon, label, count = 0) {
  const chosen = state.channel === page;
  return el("button", { type: "button", class: chosen ? "channel chosen" : "channel",
    "aria-current": chosen ? "true" : null, onclick: () => choose(page) },
    el("span", { class: "hash", "aria-hidden": "true" }, icon),
    el("span", { class: "name" }, label),
    count ? el("span", { class: "count" }, String(count)) : null);
}

function choose(id) {
  state.channel = id;
  state.seen.set(id, lastSeq(id));
  closeMenu();
  drawAll();
  if (id === EVERYWHERE) at("timeline").scrollTop = 0;
  else toBottom();
}

// -- timeline -----------------------------------------------------------------------

function drawTimeline() {
  const timeline = at("timeline");
  if (state.channel === REFUSED) {
    timeline.replaceChildren(...refusedNodes());
    return;
  }
  if (state.channel === EVERYWHERE) {
    timeline.replaceChildren(el("div", { class: "everywhere" }, everywhere()));
    return;
  }
  const found = filtered(channels().get(state.channel) ?? []);
  if (!found.length) {
    timeline.replaceChildren(...(state.loaded ? [emptyState()] : []));
    return;
  }
  let before = null;
  const lines = [welcome()];
  for (const message of found.slice(-SHOWN)) {
    lines.push(...step(before, message));
    before = message;
  }
  timeline.replaceChildren(...lines);
}

/** The node of a message, after a line with the date where a new day begins. */
function step(before, message) {
  const day = (m) => dayNumber(new Date(m.received_at * 1000));
  const newDay = !before || day(before) !== day(message);
  const follows = !newDay && message.received_at - before.received_at < RUN_SECONDS
    && before.message.author?.username === message.message.author?.username
    && before.thread?.id === message.thread?.id;
  const date = new Date(message.received_at * 1000);
  return [
    ...(newDay ? [el("div", { class: "day" }, el("span", {}, spell(date, "D")))] : []),
    drawn(message, follows),
  ];
}

// A message is drawn anew only when it changed: what a viewer opened stays open.
const nodes = new Map();
function drawn(message, follows) {
  const key = `${message.id} ${message.edits.length} ${follows}`;
  const { draw } = PROVIDERS[message.provider] ?? PROVIDERS.discord;
  if (nodes.get(message.seq)?.key !== key) {
    nodes.set(message.seq, { key, node: draw(message, follows) });
  }
  return nodes.get(message.seq).node;
}

/** The newest of each channel that says what is looked for, side by side. */
function everywhere() {
  const found = channels();
  return Object.keys(PROVIDERS).flatMap((name) => [...found]
    .filter(([id]) => providerOf(id) === name)
    .map(([id, messages]) => [id, filtered(messages).at(-1)])
    .filter(([, newest]) => newest)
    .map(([id, newest]) => el("section", { class: "one", "aria-label": nameOf(id) },
      el("h2", {}, PROVIDERS[name].title,
        el("button", { type: "button", class: "name", onclick: () => choose(id) }, nameOf(id))),
      drawn(newest, false))));
}

function filtered(messages) {
  const words = state.filter.toLowerCase();
  return words ? messages.filter((m) => m.text.toLowerCase().includes(words)) : messages;
}

function welcome() {
  return el("div", { class: "welcome" },
    el("div", { class: "welcome-hash", "aria-hidden": "true" }, "#"),
    el("h2", {}, nameOf(state.channel)),
    el("p", {}, "Everything sent to ", el("code", { class: "inline" }, state.channel),
      providerOf(state.channel) === "webhook" ? ", as its program would read it."
        : `, as ${readerOf(state.channel)} would show it.`));
}

function emptyState() {
  if (state.filter) {
    return el("div", { class: "empty" }, el("h2", {}, "Nothing says that"),
      el("p", {}, "No message of this channel contains these words."));
  }
  const command = [
    `curl "${location.origin}/discord/api/v10/webhooks/1/secret?wait=true" \\`,
    `  -H "User-Agent: DiscordBot (https://example.com, 1.0)" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '{"content": "**Hello** from the inbox"}'`,
  ].join("\n");
  const copy = async (event) => {
    await navigator.clipboard?.writeText(command);
    event.target.textContent = "Copied";
  };
  return el("div", { class: "empty" },
    el("img", { src: "/static/bell.svg", alt: "", width: 72, height: 72 }),
    el("h2", {}, "Quiet so far"),
    el("p", {}, "This is where notifications appear, exactly as people would see them. ",
      "The stand-in keeps Discord's limits: what Discord would refuse is refused here, ",
      "with the same answer."),
    el("p", {}, "Send an event to Tocsin, or talk to the stand-in yourself:"),
    el("pre", {}, el("code", {}, command)),
    el("button", { type: "button", class: "button primary", onclick: copy }, "Copy"));
}

function refusedNodes() {
  if (!state.refused.length) {
    return [el("div", { class: "empty" }, el("div", { class: "all-well" }, "✓"),
      el("h2", {}, "No call has failed"),
      el("p", {}, "Refusals, rate limits and ordered faults are listed here, with the reason."))];
  }
  return [el("div", { class: "calls" }, state.refused.map((call) => {
    const date = new Date(call.at * 1000);
    const kind = call.status === 429 ? "limited" : call.status >= 500 || !call.status
      ? "failed" : "refused";
    return el("div", { class: `call ${kind}` },
      el("span", { class: "code" }, call.status ? String(call.status) : "cut"),
      el("div", {},
        el("div", {}, call.reason || (call.fault ? `ordered: ${call.fault}` : "no reason given")),
        el("div", { class: "detail" },
          `${call.method} #${call.webhook ? nameOf(call.webhook) : call.path}`,
          call.code ? ` · code ${call.code}` : null,
          call.fault ? ` · ordered: ${call.fault}` : null)),
      el("time", { title: exact(date) }, spell(date, "T")));
  }))];
}

// -- top and bottom -----------------------------------------------------------------

function drawHead() {
  const [icon, name, topic] = {
    [REFUSED]: ["⊘", "calls that failed", "What the provider would have turned down, and why"],
    [EVERYWHERE]: ["✳", "everywhere", "The newest of each channel, as each would show it"],
  }[state.channel] ?? ["#", state.channel ? nameOf(state.channel) : "welcome", ""];
  at("title").replaceChildren(el("span", { class: "hash", "aria-hidden": "true" }, icon), name);
  at("topic").textContent = topic ? topic
    : state.channel ? `${PROVIDERS[providerOf(state.channel)].title} ${state.channel}` : state.loaded ? "nothing has arrived yet" : "";
  document.title = state.channel ? `${topic ? "" : "#"}${name} · Tocsin inbox` : "Tocsin inbox";
}

function drawStatus() {
  const s = state.stats;
  const item = (label, value, tone, title) => el("span", { class: `stat ${value ? tone : ""}`,
    title }, el("b", {}, (value ?? 0).toLocaleString()), ` ${label}`);
  const warned = Object.values(s.warnings ?? {}).reduce((a, b) => a + b, 0);
  at("status").replaceChildren(
    item("calls", s.calls, "", "Requests to the stand-in"),
    item("shown", s.accepted, "good", "Messages that people see"),
    item("edited", s.edits, "", "Edits accepted"),
    item("rate limited", s.limited, "warm", "Answers 429"),
    item("refused", s.refused, "bad", "Answers 4xx other than 429"),
    item("failed", (s.failed ?? 0) + (s.unanswered ?? 0), "bad", "5xx and cut connections"),
    item("forgiven", warned, "warm", ["Let pass, but likely mistakes", ...Object.keys(s.warnings ?? {})].join("\n")));
}

function drawAll() {
  const box = at("timeline");
  const stay = nearBottom() && state.channel !== EVERYWHERE;
  const place = box.scrollTop;
  drawChannels();
  drawHead();
  drawStatus();
  drawTimeline();
  if (stay) toBottom();
  else box.scrollTop = place;
}

const nearBottom = () => {
  const box = at("timeline");
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
};

function toBottom() {
  const box = at("timeline");
  box.scrollTop = box.scrollHeight;
  at("jump").hidden = true;
}

// -- live -----------------------------------------------------------------------------

function listen() {
  const source = new EventSource("/_control/stream");
  const on = (kind, handle) => source.addEventListener(kind, (event) => {
    handle(JSON.parse(event.data));
  });
  source.onopen = () => {
    live(true);
    load();
  };
  source.onerror = () => live(false);
  on("message", arrived);
  on("edit", changed);
  on("delete", changed);
  on("names", (names) => { state.names = names; soon(); });
  on("call", (call) => { if (isTrouble(call)) { state.refused.push(call); soon(); } });
  on("stats", (stats) => { state.stats = stats; drawStatus(); });
  on("reset", () => { nodes.clear(); load(); });
  on("reload", load);
}

function arrived(message) {
  state.messages.set(message.seq, message);
  if (state.messages.size > KEPT) {
    const oldest = state.messages.keys().next().value;
    state.messages.delete(oldest);
    nodes.delete(oldest);
  }
  if (!state.channel) state.channel = message.webhook;
  if (message.webhook === state.channel) {
    state.seen.set(state.channel, message.seq);
    if (!nearBottom()) at("jump").hidden = false;
  }
  soon();
}

function changed(message) {
  state.messages.set(message.seq, message);
  soon();
}

// Many changes at once are drawn once, and drawing never takes more than a third of the time.
let planned = false;
let pause = 60;
function soon() {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    const began = performance.now();
    drawAll();
    pause = Math.max(60, 3 * (performance.now() - began));
  }, pause);
}

function live(on) {
  at("live").textContent = on ? "live" : "reconnecting";
  at("live").classList.toggle("on", on);
}

// -- the rest -------------------------------------------------------------------------

function theme() {
  const saved = localStorage.getItem("theme");
  if (saved) document.documentElement.dataset.theme = saved;
  at("theme").addEventListener("click", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  });
}

function openMenu(open) {
  document.body.classList.toggle("menu-open", open);
  at("menu").setAttribute("aria-expanded", String(open));
}
const closeMenu = () => openMenu(false);

function refreshMoments() {
  for (const node of document.querySelectorAll("time.moment[data-style='R']")) {
    node.textContent = spell(new Date(Number(node.dataset.unix) * 1000), "R");
  }
}

theme();
at("menu").addEventListener("click", () => openMenu(!document.body.classList.contains("menu-open")));
at("veil").addEventListener("click", closeMenu);
at("jump").addEventListener("click", toBottom);
at("timeline").addEventListener("scroll", () => { if (nearBottom()) at("jump").hidden = true; });
at("filter").addEventListener("input", (event) => { state.filter = event.target.value; drawAll(); });
setInterval(refreshMoments, 10000);
drawAll();
listen();
