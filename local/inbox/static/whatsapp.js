// One message as WhatsApp shows it: a bubble, its marks read by WhatsApp's rules.
import { el, link, webAddress } from "./dom.js";
import { exact, spell } from "./time.js";

/** The node of a message; `follows` leaves out who wrote it. */
export function whatsappNode(arrival, follows) {
  const { message } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  const picture = webAddress(message.image);
  return el("article", { class: `message wa ${follows ? "follows" : ""}`, data: { id: arrival.id } },
    el("div", { class: "body" },
      el("div", { class: "wa-bubble" },
        follows ? null : el("header", { class: "head" },
          el("span", { class: "author" }, message.from),
          el("span", { class: "wa-kind" }, kind(message))),
        picture ? el("img", { class: "wa-picture", src: picture, alt: "", loading: "lazy",
          referrerpolicy: "no-referrer" }) : null,
        el("div", { class: "content wa-text" }, blocks(message.body)),
        el("div", { class: "wa-meta" },
          el("time", { title: exact(sent), data: { sent: arrival.received_at } },
            spell(sent, "t")))),
      arrival.warnings.map((text) => el("div", { class: "warning" }, "⚠ ", text,
        el("span", { class: "only" }, "only the inbox shows this")))));
}

function kind(message) {
  return message.type === "template" ? `template ${message.template} · ${message.language}`
    : "in the open window";
}

/** Code blocks stand by themselves; the rest is read line by line. */
function blocks(text) {
  return text.split(/(```[^`]+```)\n?/).filter(Boolean).map((part) =>
    /^```[^`]+```$/.test(part) ? el("pre", {}, el("code", {}, part.slice(3, -3)))
      : el("span", {}, part.split(/(?<=\n)/).map(line)));
}

function line(text) {
  if (text.startsWith("> ")) return el("span", { class: "wa-quote" }, marked(text.slice(2)));
  if (/^[-*] /.test(text)) return el("span", {}, "• ", marked(text.slice(2)));
  return el("span", {}, marked(text));
}

// A mark stands at the edge of a word on its outside, and by a word on its inside.
const MARK = /(?<![A-Za-z0-9])(?:([*_~])(?=\S)([^\n]*?\S)\1(?![A-Za-z0-9])|`([^`\n]+)`)/;
const LOOKS = { "*": "strong", _: "em", "~": "s" };

function marked(text) {
  const found = MARK.exec(text);
  if (!found) return addresses(text);
  const [whole, mark, inside, code] = found;
  const node = code ? el("code", { class: "inline" }, code)
    : el(LOOKS[mark], {}, marked(inside));
  return [addresses(text.slice(0, found.index)), node,
    marked(text.slice(found.index + whole.length))].flat();
}

const ADDRESS = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g;

/** Words, with the web addresses in them linked. */
function addresses(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (!webAddress(match[0])) continue;
    nodes.push(text.slice(at, match.index), link(match[0], {}, match[0]));
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
}
