// Building nodes. Text only ever becomes text: nothing here, or anywhere, parses HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `el("p.note", {title: "…"}, "text", node)`. null and false are left out. */
export function el(kind, props = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  return dress(node, props, children);
}

/** The same, for what is drawn. */
export function svg(kind, props = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElementNS(SVG, tag);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  return dress(node, props, children);
}

function dress(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

// What turns the direction of the text around it, or is not seen at all: with these a
// stranger's words could be read as ours.
const UNSEEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

function present(children) {
  const given = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  return given.map((child) => (child instanceof Node ? child : String(child).replace(UNSEEN, "")));
}

/** Put these in the place of what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

/** Draw anew what `root` holds; the focus stays on what says the same, or has the same
 * `data-hold`. */
export function holding(root, draw) {
  const held = document.activeElement;
  if (!root.contains(held)) return draw();
  const alike = () => [...root.querySelectorAll(held.tagName)].filter((each) => saysOf(each) === said);
  const said = saysOf(held);
  const at = alike().indexOf(held);
  const drawn = draw();
  if (!held.isConnected) alike()[at]?.focus({ preventScroll: true });
  return drawn;
}

function saysOf(node) {
  return node.dataset.hold ?? node.ariaLabel ?? node.getAttribute("href") ?? (node.name || node.textContent);
}

/** The address where it is one of the web, else null: no other scheme is ever linked. */
function webAddress(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere and tells nobody where it was clicked. */
export function outward(address, label) {
  const href = webAddress(address);
  if (!href) return el("span", {}, label);
  return el("a", { href, title: href, target: "_blank", rel: "noopener noreferrer" }, label);
}

/** The address of our picture, which the page brings along. */
export function bell() {
  return document.querySelector("link[rel=icon]").href;
}

const PATHS = {
  overview: "M4 13h6V4H4zm0 7h6v-5H4zm10 0h6v-9h-6zm0-16v5h6V4z",
  notifications: "M12 3a6 6 0 0 0-6 6v4l-2 4h16l-2-4V9a6 6 0 0 0-6-6zm-3 15a3 3 0 0 0 6 0z",
  dead: "M4 5h16v14H4zm1.500 1.500 6.500 5 6.500-5M9 14l6 0",
  setup: "M12 2v6m-4 0h8v5a4 4 0 0 1-8 0zM12 17v5",
  routes: "M5 4v6a4 4 0 0 0 4 4h10m-4-4 4 4-4 4M5 14v6",
  out: "M10 4H5v16h5M14 8l4 4-4 4m4-4H9",
  back: "M15 5l-7 7 7 7",
};

/** One of the small pictures beside a word. */
export function icon(name) {
  const filled = ["overview", "notifications"].includes(name);
  return svg(
    filled ? "svg.icon.filled" : "svg.icon",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: PATHS[name] }),
  );
}
