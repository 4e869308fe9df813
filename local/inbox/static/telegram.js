// One message as Telegram shows it: a bubble with its looks, and buttons below.
import { el, link, webAddress } from "./dom.js";
import { fileNodes } from "./files.js";
import { exact, spell } from "./time.js";

const tints = ["#e17076", "#7bc862", "#65aadd", "#a695e7", "#ee7aae", "#6ec9cb", "#faa774"];

/** The node of a message; `follows` leaves out who wrote it. */
export function telegramNode(arrival, follows) {
  const { message, pings } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  const reached = pings.users.length > 0;
  const classes = ["message tg", follows ? "follows" : "", reached ? "pinged" : ""];
  const bot = message.from;
  return el("article", { class: classes.join(" "), data: { id: arrival.id } },
    follows ? el("div", { class: "tg-gap" }) : avatar(bot),
    el("div", { class: "body" },
      el("div", { class: "tg-bubble" },
        follows ? null : head(bot, arrival),
        fileNodes(message.files),
        el("div", { class: "content tg-text" }, styled(message.text, message.entities)),
        el("div", { class: "tg-meta" },
          pings.silent ? el("span", { title: "Sent without a sound" }, "🔕") : null,
          arrival.edited_at ? el("span", { class: "edited", title: edits(arrival) }, "edited") : null,
          el("time", { title: exact(sent), data: { sent: arrival.received_at } },
            spell(sent, "t")))),
      keyboard(message.reply_markup),
      arrival.warnings.map((text) => el("div", { class: "warning" }, "⚠ ", text,
        el("span", { class: "only" }, "only the inbox shows this")))));
}

function avatar(bot) {
  const node = el("div", { class: "avatar", "aria-hidden": "true" },
    [...bot.first_name][0] ?? "?");
  node.style.backgroundColor = tints[bot.id % tints.length];
  return node;
}

function head(bot, arrival) {
  const name = el("span", { class: "author" }, bot.first_name);
  name.style.color = tints[bot.id % tints.length];
  return el("header", { class: "head" }, name,
    el("span", { class: "tg-bot" }, "bot"),
    arrival.thread ? el("span", { class: "thread" }, `⤷ ${arrival.thread.name}`) : null);
}

function edits(arrival) {
  const times = arrival.edits.length;
  return `Edited ${times > 1 ? `${times} times, last ` : ""}${exact(new Date(arrival.edited_at * 1000))}`;
}

// -- looks ---------------------------------------------------------------------------

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

// Offsets are UTF-16 units, as in every string here.
function styled(text, entities, from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  const inside = entities.filter((one) => one.offset >= from && one.offset + one.length <= to);
  while (inside.length) {
    const one = inside.shift();
    const end = one.offset + one.length;
    if (one.offset < at) continue;
    nodes.push(...words(text.slice(at, one.offset)));
    const within = inside.filter((other) => other.offset < end);
    nodes.push(look(one, text.slice(one.offset, end),
      styled(text, within, one.offset, end)));
    // A block ends its line by itself.
    at = BLOCKS.has(one.type) && text[end] === "\n" ? end + 1 : end;
  }
  return [...nodes, ...words(text.slice(at, to))];
}

function look(one, text, children) {
  switch (one.type) {
    case "bold": return el("strong", {}, children);
    case "italic": return el("em", {}, children);
    case "underline": return el("u", {}, children);
    case "strikethrough": return el("s", {}, children);
    case "code": return el("code", { class: "inline" }, text);
    case "pre": return el("pre", {}, el("code", {}, text));
    case "spoiler": return spoiler(children);
    case "blockquote": return el("div", { class: "tg-quote" }, children);
    case "expandable_blockquote": return fold(children);
    case "text_link": return link(one.url, {}, plain(children));
    case "text_mention": return el("span", { class: "mention reached", title: `user ${one.user.id}` },
      children);
    case "mention": return el("span", { class: "mention reached" }, text);
    case "bot_command": return el("span", { class: "mention" }, text);
    default: return el("span", {}, children);
  }
}

// A link holds no link: its own words stay words.
function plain(nodes) {
  return nodes.map((node) => (node instanceof HTMLAnchorElement ? node.textContent : node));
}

function spoiler(children) {
  const node = el("span", { class: "spoiler", onclick: () => node.classList.add("open") }, children);
  return node;
}

function fold(children) {
  const more = el("button", { type: "button", class: "tg-more", "aria-label": "Show all",
    onclick: () => node.classList.toggle("open") }, "⌄");
  const node = el("div", { class: "tg-quote tg-fold" }, el("div", { class: "tg-folded" }, children), more);
  return node;
}

const ADDRESS = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g;

/** Words, with the web addresses in them linked as Telegram links them. */
function words(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = webAddress(match[0]);
    if (!address || !new URL(address).hostname.includes(".")) continue;
    nodes.push(text.slice(at, match.index), link(match[0], {}, match[0]));
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}

// -- buttons -------------------------------------------------------------------------

function keyboard(markup) {
  const rows = markup?.inline_keyboard;
  if (!rows) return null;
  return el("div", { class: "tg-keyboard" }, rows.map((row) => el("div", { class: "tg-row" },
    row.map((button) => button.url
      ? link(button.url, { class: "tg-button" }, button.text,
        el("span", { class: "away", "aria-hidden": "true" }, "↗"))
      : el("button", { type: "button", class: "tg-button", data: { press: button.callback_data } },
        button.text)))));
}
