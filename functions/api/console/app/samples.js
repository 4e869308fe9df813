// Lines to copy: how an event is sent, and sent again.

import { words } from "../words.js";

const W = words.samples;
const EVENT = { type: "backup.failed", title: W.title, severity: "critical" };

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The event as a call of curl; the key stays a variable. */
export function asCurl(root, event) {
  return [
    `curl ${root}/v1/events -H "Authorization: Bearer $KEY"`,
    `  -H 'Content-Type: application/json'`,
    `  -d ${quoted(JSON.stringify(event))}`,
  ].join(" \\\n");
}

/** A first event to send. */
export function firstEvent(root) {
  return asCurl(root, EVENT);
}

/** The same in Python, with the client. */
export function inPython(root) {
  return [
    W.install,
    "from tocsin_client import Tocsin",
    "",
    `tocsin = Tocsin(${JSON.stringify(root)})`,
    `tocsin.notify("backup.failed", ${JSON.stringify(W.title)}, severity="critical")`,
  ].join("\n");
}
