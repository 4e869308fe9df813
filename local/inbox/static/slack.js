// One message as Slack shows it: head, blocks, coloured bars, buttons.
import { el, link, webAddress } from "./dom.js";
import { fileNodes } from "./files.js";
import { mrkdwn, words } from "./mrkdwn.js";
import { exact, spell } from "./time.js";

/** The node of a message; `follows` leaves out the head, as within one author's run. */
export function slackNode(arrival, follows) {
  const { message } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  const reached = arrival.pings.everyone || arrival.pings.users.length + arrival.pings.roles.length > 0;
  const classes = ["message", "slack", follows ? "follows" : "", reached ? "pinged" : ""];
  return el("article", { class: classes.join(" "), data: { id: arrival.id } },
    follows ? el("time", { class: "gutter", title: exact(sent) }, spell(sent, "t")) : avatar(message),
    el("div", { class: "body" },
      follows ? null : head(arrival, sent),
      message.blocks.length ? blocks(message.blocks) : text(message.text),
      message.attachments.map(attachment),
      fileNodes(message.files),
      arrival.edited_at ? el("span", { class: "edited alone" }, "(edited)") : null,
      arrival.warnings.map(warning)),
  );
}

function avatar(message) {
  const node = el("div", { class: "avatar square", "aria-hidden": "true" }, "🔔");
  if (webAddress(message.icon_url)) {
    const picture = el("img", { src: message.icon_url, alt: "", referrerpolicy: "no-referrer" });
    picture.addEventListener("load", () => node.replaceChildren(picture), { once: true });
  }
  return node;
}

function head(arrival, sent) {
  return el("header", { class: "head" },
    el("span", { class: "author" }, arrival.message.author.username),
    el("span", { class: "badge app" }, "APP"),
    el("time", { class: "when", title: exact(sent) }, spell(sent, "t")),
    arrival.thread ? el("span", { class: "thread" }, `⤷ reply to ${arrival.thread.name}`) : null);
}

// -- blocks -----------------------------------------------------------------------

const text = (raw) => (raw ? el("div", { class: "content" }, mrkdwn(raw)) : null);

const blocks = (all) => el("div", { class: "blocks" }, all.map(block));

function attachment(one) {
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  if (/^#[0-9a-f]{6}$/i.test(one.color ?? "")) bar.style.backgroundColor = one.color;
  return el("div", { class: "attachment" }, bar,
    el("div", { class: "beside" }, one.blocks ? blocks(one.blocks) : text(one.text ?? one.fallback)));
}

function block(one) {
  switch (one.type) {
    case "header": return el("div", { class: "header" }, words(one.text.text));
    case "section": return section(one);
    case "context": return el("div", { class: "context" }, one.elements.map(element));
    case "actions": return el("div", { class: "buttons" }, one.elements.map(element));
    case "divider": return el("hr", { class: "line" });
    case "image": return image(one);
    default: return el("div", { class: "context" }, `[${one.type}]`);
  }
}

function section(one) {
  return el("div", { class: "section-block" },
    one.text ? el("div", { class: "content" }, textObject(one.text)) : null,
    one.fields ? el("div", { class: "pair" }, one.fields.map((field) =>
      el("div", { class: "content" }, textObject(field)))) : null);
}

const textObject = (one) => (one.type === "mrkdwn" ? mrkdwn(one.text) : one.text);

function element(one) {
  if (one.type === "image") return image(one);
  if (one.type !== "button") return el("div", { class: "content" }, textObject(one));
  const look = { class: `button slack-button ${one.style ?? ""}` };
  return one.url ? link(one.url, look, one.text.text)
    : el("button", { type: "button", ...look, data: { press: one.value ?? "" } }, one.text.text);
}

function image(one) {
  if (!webAddress(one.image_url)) return null;
  return el("div", { class: "picture" }, el("img", {
    src: one.image_url, alt: one.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" }));
}

const warning = (told) => el("div", { class: "warning" },
  el("span", { "aria-hidden": "true" }, "⚠"), " ", told,
  el("span", { class: "only" }, "only the inbox shows this"));
