// Where one is: pages and filters live behind the # of the address, keys never.

/** {parts: ["notifications", "01m…"], query: URLSearchParams} of the address. */
export function here() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return { parts: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query ?? "") };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page. Empty filters are left out. */
export function address(parts, query = {}) {
  const given = [...(query instanceof URLSearchParams ? query : Object.entries(query))].filter(([, value]) => value);
  const path = `#/${parts.map(encodeURIComponent).join("/")}`;
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** Go there; `quietly` leaves no step to come back to. */
export function go(parts, query, quietly = false) {
  const target = address(parts, query);
  if (target === location.hash) return;
  if (quietly) {
    history.replaceState(null, "", target);
    dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = target;
}
