// Lines to copy: how an event is sent, and sent again.

import { words } from "../words.js";

const W = words.samples;
const EVENT = { type: "backup.failed", title: W.title, severity: "critical" };
const JSON_TYPE = `-H 'Content-Type: application/json'`;

/** As a shell takes it, whatever stands in it. */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The event as a call of curl; the key stays a variable. */
export function asCurl(root, event, path = "/v1/events") {
  return [
    `curl ${root}${path} -H "Authorization: Bearer $KEY"`,
    `  ${JSON_TYPE}`,
    `  -d ${quoted(JSON.stringify(event))}`,
  ].join(" \\\n");
}

/** A first event to send. */
export function firstEvent(root) {
  return asCurl(root, EVENT);
}

/** The same on one line, for tables of cron and steps of a pipeline. */
export function onOneLine(root, key, event = EVENT) {
  return `curl -fsS --max-time 20 ${root}/v1/events -H "Authorization: Bearer ${key}" ${JSON_TYPE} -d ${quoted(JSON.stringify(event))}`;
}

/** The same in Python, with the client. */
export function inPython(root, key) {
  return [
    W.install,
    "from tocsin_client import Tocsin",
    "",
    `tocsin = Tocsin(${JSON.stringify(root)}, ${JSON.stringify(key)})`,
    `tocsin.notify("backup.failed", ${JSON.stringify(W.title)}, severity="critical")`,
  ].join("\n");
}
