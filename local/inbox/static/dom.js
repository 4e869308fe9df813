// Building nodes. Text only ever becomes text: nothing here, or anywhere, parses HTML.

/** An element with properties and children; children may be nodes, strings or null. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

/** The address if it is a web address, else null: no other scheme is ever linked. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere and tells nobody where it was clicked. */
export function link(address, props, ...children) {
  const href = webAddress(address);
  if (!href) return el("span", props, ...children);
  return el(
    "a",
    { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href, ...props },
    ...children,
  );
}
