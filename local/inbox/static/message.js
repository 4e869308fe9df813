// One message as Discord shows it: head, content, embeds, components, files.
import { el, link, webAddress } from "./dom.js";
import { markdown } from "./markdown.js";
import { exact, spell, stamp } from "./time.js";

const V2 = 32768;
const SUPPRESS_EMBEDS = 4;

/** The node of a message; `follows` leaves out the head, as within one author's run. */
export function messageNode(arrival, follows) {
  const { message, pings } = arrival;
  const sent = new Date(arrival.received_at * 1000);
  const reached = pings.everyone || pings.users.length > 0 || pings.roles.length > 0;
  const classes = ["message", follows ? "follows" : "", reached && !pings.silent ? "pinged" : ""];
  return el("article", { class: classes.join(" "), data: { id: arrival.id } },
    follows
      ? el("time", { class: "gutter", title: exact(sent) }, spell(sent, "t"))
      : avatar(message),
    el("div", { class: "body" },
      follows ? null : head(message, sent, arrival),
      content(arrival),
      message.flags & V2 ? null : embeds(message),
      files(message),
      components(message, pings),
      message.content || !arrival.edited_at ? null : editedMark(arrival, "edited alone"),
      warnings(arrival)),
  );
}

// -- head -----------------------------------------------------------------------

const tints = ["#5865f2", "#3ba55d", "#eb459e", "#e67e22", "#1abc9c", "#9b59b6"];

function avatar(message) {
  const name = message.author.username;
  const letter = [...name.trim()][0]?.toUpperCase() ?? "?";
  const node = el("div", { class: "avatar", "aria-hidden": "true" }, letter);
  const sum = [...name].reduce((total, c) => total + c.codePointAt(0), 0);
  node.style.backgroundColor = tints[sum % tints.length];
  // The letter stays until the picture is here, and when it never comes.
  const picture = message.avatar_url && image(message.avatar_url, "", () => {});
  if (picture) {
    picture.removeAttribute("loading");
    picture.addEventListener("load", () => node.replaceChildren(picture), { once: true });
  }
  return node;
}

function head(message, sent, arrival) {
  return el("header", { class: "head" },
    el("span", { class: "author" }, message.author.username),
    el("span", { class: "badge", title: "Sent by a webhook" }, "APP"),
    el("time", { class: "when", title: exact(sent), data: { sent: arrival.received_at } },
      stamp(sent)),
    arrival.pings.silent ? el("span", { class: "when", title: "Sent without a push" }, "🔕") : null,
    arrival.thread ? el("span", { class: "thread" }, `⤷ ${arrival.thread.name}`) : null,
  );
}

// -- content ----------------------------------------------------------------------

function content(arrival) {
  const text = arrival.message.content;
  if (!text) return null;
  const edited = arrival.edited_at ? editedMark(arrival, "edited") : null;
  return el("div", { class: "content" }, markdown(text, { pings: arrival.pings }), edited);
}

function editedMark(arrival, kind) {
  const times = arrival.edits.length;
  const last = exact(new Date(arrival.edited_at * 1000));
  const title = times > 1 ? `Edited ${times} times, last ${last}` : `Edited ${last}`;
  return el("span", { class: kind, title }, times > 1 ? `(edited ×${times})` : "(edited)");
}

// -- embeds -----------------------------------------------------------------------

function embeds(message) {
  if (message.flags & SUPPRESS_EMBEDS) return null;
  return message.embeds.map((embed) => embedNode(embed, message));
}

function embedNode(embed, message) {
  const thumbnail = embed.thumbnail && shown(embed.thumbnail.url, message, "thumbnail");
  const picture = embed.image && shown(embed.image.url, message, "picture");
  const node = el("div", { class: thumbnail ? "embed with-thumbnail" : "embed" },
    embed.author ? authorLine(embed.author, message) : null,
    embed.title ? titleLine(embed) : null,
    embed.description
      ? el("div", { class: "description" }, markdown(embed.description))
      : null,
    embed.fields?.length ? fields(embed.fields) : null,
    picture,
    thumbnail,
    footer(embed, message),
  );
  if (Number.isInteger(embed.color)) {
    node.style.borderLeftColor = `#${embed.color.toString(16).padStart(6, "0")}`;
  }
  return node;
}

function authorLine(author, message) {
  return el("div", { class: "embed-author" },
    author.icon_url ? shown(author.icon_url, message, "icon-round") : null,
    author.url ? link(author.url, {}, author.name) : author.name);
}

function titleLine(embed) {
  const words = markdown(embed.title, { inline: true, masked: false });
  const inner = embed.url ? link(embed.url, {}, plain(words)) : words;
  return el("div", { class: "embed-title" }, inner);
}

// A link holds no link: the title's own addresses stay words.
function plain(nodes) {
  return nodes.map((node) => (node instanceof HTMLAnchorElement ? node.textContent : node));
}

function fields(all) {
  return el("div", { class: "fields" }, rows(all).flatMap((row) => row.map((field) => {
    const node = el("div", { class: field.inline ? `field of-${row.length}` : "field" },
      el("div", { class: "field-name" }, markdown(field.name, { inline: true })),
      el("div", { class: "field-value" }, markdown(field.value)));
    return node;
  })));
}

// Inline fields stand up to three in a row; any other has a row of its own.
function rows(all) {
  const found = [];
  for (const field of all) {
    const last = found.at(-1);
    const joins = field.inline && last?.[0].inline && last.length < 3;
    if (joins) last.push(field);
    else found.push([field]);
  }
  return found;
}

function footer(embed, message) {
  if (!embed.footer && !embed.timestamp) return null;
  const at = embed.timestamp ? new Date(embed.timestamp) : null;
  return el("div", { class: "embed-footer" },
    embed.footer?.icon_url ? shown(embed.footer.icon_url, message, "icon-round") : null,
    embed.footer?.text ?? null,
    embed.footer && at ? el("span", { class: "dot" }, "•") : null,
    at ? el("time", { title: exact(at) }, stamp(at)) : null);
}

// -- pictures and files -------------------------------------------------------------

function shown(url, message, kind) {
  const source = attached(url, message) ?? url;
  const lost = (node) => node.replaceWith(
    kind === "picture" ? el("div", { class: "lost" }, "🖼 ", link(url, {}, url)) : "");
  const node = image(source, kind, lost);
  return kind === "picture" && node ? el("div", { class: "picture" }, node) : node;
}

function attached(url, message) {
  const name = /^attachment:\/\/(.+)$/.exec(url)?.[1];
  return name && message.attachments.find((file) => file.filename === name)?.url;
}

function image(source, kind, lost) {
  const own = source.startsWith("/discord/files/") ? source : webAddress(source);
  if (!own) return null;
  const props = { class: kind, src: own, alt: "", loading: "lazy", referrerpolicy: "no-referrer" };
  const node = el("img", props);
  node.addEventListener("error", () => lost(node), { once: true });
  return node;
}

function files(message) {
  const text = JSON.stringify([message.embeds, message.components]);
  return message.attachments
    .filter((file) => !text.includes(`attachment://${file.filename}`))
    .map((file) => /^image\/(png|jpeg|gif|webp)$/.test(file.content_type)
      ? el("div", { class: "picture loose" },
        el("img", { src: file.url, alt: file.description ?? "", loading: "lazy" }))
      : el("a", { class: "file", href: file.url, download: file.filename },
        el("span", { class: "file-icon", "aria-hidden": "true" }, "📄"),
        el("span", {}, file.filename, el("small", {}, size(file.size)))));
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576
    ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

// -- components -----------------------------------------------------------------------

function components(message, pings) {
  return message.components.map((component) => componentNode(component, message, pings));
}

function componentNode(component, message, pings) {
  const inner = () => component.components.map((c) => componentNode(c, message, pings));
  switch (component.type) {
    case 1: return el("div", { class: "buttons" }, inner());
    case 2: return button(component);
    case 9: return el("div", { class: "section" }, el("div", {}, inner()),
      component.accessory ? componentNode(component.accessory, message, pings) : null);
    case 10: return el("div", { class: "content" }, markdown(component.content, { pings }));
    case 11: return shown(component.media.url, message, "thumbnail");
    case 12: return el("div", { class: "gallery" },
      component.items.map((item) => shown(item.media.url, message, "picture")));
    case 13: return el("div", { class: "file" }, component.file.url.replace("attachment://", "📄 "));
    case 14: return el("hr", { class: component.divider ? "line" : "gap" });
    case 17: return container(component, inner());
    default: return el("div", { class: "select" }, component.placeholder ?? "Make a selection", " ▾");
  }
}

function container(component, children) {
  const node = el("div", { class: "container" }, children);
  if (Number.isInteger(component.accent_color)) {
    node.style.borderLeftColor = `#${component.accent_color.toString(16).padStart(6, "0")}`;
    node.classList.add("accented");
  }
  return node;
}

const styles = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };

function button(component) {
  const words = [component.emoji?.name ? `${component.emoji.name} ` : null, component.label];
  if (component.style === 5) {
    return link(component.url, { class: "button secondary" }, words,
      el("span", { class: "away", "aria-hidden": "true" }, "↗"));
  }
  return el("button", { type: "button", class: `button ${styles[component.style] ?? "primary"}`,
    disabled: component.disabled, data: { press: component.custom_id } }, words);
}

// -- what Discord forgave ----------------------------------------------------------------

function warnings(arrival) {
  return arrival.warnings.map((text) => el("div", { class: "warning" },
    el("span", { "aria-hidden": "true" }, "⚠"), " ", text,
    el("span", { class: "only" }, "only the inbox shows this")));
}
