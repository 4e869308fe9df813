// What is entered in each tool, so that it sends here: a text to paste, or value by value.

import { asCurl, firstEvent, inPython, onOneLine, quoted } from "./samples.js";
import { words } from "../words.js";

const W = words.keys;

/** [[name, title]] of the tools for a source with these scopes. */
export function toolsFor(scopes) {
  return Object.keys(TOOLS)
    .filter((name) => scopes.includes("ingest") !== (name === "command"))
    .map((name) => [name, W.tools[name][0]]);
}

/** {where, text} or {where, rows: [[label, value]]}, with this key in it. */
export function sampleOf(name, root, key) {
  const made = TOOLS[name](root, key);
  const where = W.tools[name][1];
  return typeof made === "string" ? { where, text: made } : { where, rows: made };
}

const hook = (root, adapter) => `${root}/v1/hooks/${adapter}`;
const bearer = (key) => `Bearer ${key}`;
const withKey = (adapter) => (root, key) => [[W.fields.url, `${hook(root, adapter)}/${key}`]];

const TOOLS = {
  curl: (root, key) => `KEY=${quoted(key)}\n${firstEvent(root)}`,
  python: inPython,
  cron: (root, key) => `0 3 * * * /usr/local/bin/backup || ${onOneLine(root, key)}`,
  actions: (root, key) => [
    [W.fields.secret, key],
    [W.fields.step, step(root)],
  ],
  alertmanager: (root, key) =>
    [
      "receivers:",
      "  - name: tocsin",
      "    webhook_configs:",
      `      - url: ${hook(root, "alertmanager")}`,
      "        max_alerts: 100",
      "        http_config:",
      "          authorization:",
      `            credentials: ${key}`,
    ].join("\n"),
  grafana: (root, key) => [
    [W.fields.url, hook(root, "grafana")],
    [W.fields.scheme, "Bearer"],
    [W.fields.credentials, key],
  ],
  github: withKey("github"),
  sentry: withKey("sentry"),
  kuma: (root, key) => [
    [W.fields.url, hook(root, "uptime-kuma")],
    [W.fields.headers, JSON.stringify({ Authorization: bearer(key) })],
  ],
  healthchecks: (root, key) => [
    [W.fields.url, hook(root, "healthchecks")],
    [W.fields.headers, `Authorization: ${bearer(key)}\nContent-Type: application/json`],
    [W.fields.body, '{"status": "$STATUS", "code": "$CODE", "name": $NAME_JSON, "at": "$NOW", "exit_status": "$EXITSTATUS", "body": $BODY_JSON, "check": $JSON}'],
  ],
  stripe: withKey("stripe"),
  slack: withKey("slack"),
  discord: withKey("discord"),
  generic: (root, key) => `KEY=${quoted(key)}\n${asCurl(root, W.anything, "/v1/hooks/generic")}`,
  command: (root, key) => `export TOCSIN_URL=${root} TOCSIN_KEY=${quoted(key)}\ntocsin doctor\ntocsin list`,
};

/** A step of a workflow; the key comes out of the repository's secrets. */
function step(root) {
  const event = { type: "deploy.failed", title: W.failed, severity: "high" };
  return [
    "- name: Tell Tocsin",
    "  if: failure()",
    "  env: {TOCSIN_KEY: \"${{ secrets.TOCSIN_KEY }}\"}",
    "  run: |",
    `    ${onOneLine(root, "$TOCSIN_KEY", event)}`,
  ].join("\n");
}
