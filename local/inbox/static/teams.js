// A message of Teams: the elements of an adaptive card that Tocsin uses.
import { el, link, webAddress } from "./dom.js";
import { markdown } from "./markdown.js";
import { exact, spell, stamp } from "./time.js";

const NOBODY = { everyone: false, users: [], roles: [] };

/** The node of a card. */
export function teamsNode(arrival) {
  const card = arrival.message;
  const sent = new Date(arrival.received_at * 1000);
  return el("article", { class: "message call-in teams", data: { id: arrival.id } },
    el("div", { class: "body" },
      el("header", { class: "head" },
        el("span", { class: "author" }, "Workflows"),
        el("time", { class: "when", title: exact(sent) }, stamp(sent))),
      el("div", { class: "card" }, card.body.map(element),
        el("div", { class: "card-actions" }, (card.actions ?? [])
          .map((one) => link(one.url, { class: "card-action" }, one.title)))),
      arrival.warnings.map((text) => el("div", { class: "warning" },
        el("span", { "aria-hidden": "true" }, "⚠"), " ", text))));
}

function element(one) {
  if (one.type === "Container") {
    return el("div", { class: `card-box box-${word(one.style)}` }, one.items.map(element));
  }
  const tight = one.spacing === "None" || one.spacing === "Small" ? " tight" : "";
  if (one.type === "RichTextBlock") {
    return el("p", { class: `runs${tight}` }, one.inlines.map((run) =>
      el("span", { class: look(run) }, run.text)));
  }
  if (one.type === "TextBlock") {
    const computed = moment(one.text);
    return el("div", { class: `runs${tight} ${look(one)}` },
      computed ?? markdown(one.text, { pings: NOBODY }));
  }
  if (one.type === "Image" && webAddress(one.url)) {
    return el("img", { class: "card-image", src: webAddress(one.url), alt: one.altText ?? "",
      loading: "lazy", referrerpolicy: "no-referrer" });
  }
  return el("p", { class: "warning" }, `an element the inbox does not draw: ${one.type}`);
}

/** The reader's own time in place of the card's functions; null where there are none. */
function moment(text) {
  const found = /^\{\{DATE\(([^,)]+)(?:, ?SHORT)?\)\}\}(?: \{\{TIME\([^)]+\)\}\})?$/.exec(text);
  return found ? spell(new Date(found[1]), "f") : null;
}

function look(one) {
  return [one.weight === "Bolder" ? "bold" : "", one.size ? `size-${word(one.size)}` : "",
    one.isSubtle ? "subtle" : "", one.fontType === "Monospace" ? "mono" : ""].join(" ");
}

const word = (text) => String(text ?? "").toLowerCase().replace(/[^a-z]/g, "");
