// Calls of the API. Whatever goes wrong becomes a Problem with words and a next step.

import { words } from "../words.js";
import { session } from "./session.js";

// The bundle is <root>/console/<version>/console.js, wherever the root may be.
export const ROOT = new URL("../../", import.meta.url).href.replace(/\/$/, "");

/** A refusal, or no answer at all (`status` 0). */
export class Problem extends Error {
  constructor(status, document = {}) {
    super(document.detail || document.title || words.problems.plain(status));
    this.status = status;
    this.faults = document.errors ?? [];
    this.next = words.problems.next[status] ?? "";
  }

  /** The reason for one field, or "". */
  of(field) {
    return this.faults.find((fault) => fault.field === field)?.reason ?? "";
  }
}

/** Call it; resolves to {data, etag}. A body that is text is sent as YAML. */
export async function call(method, path, { query, body, key, accept, etag, signal } = {}) {
  const headers = { Authorization: `Bearer ${key ?? session.key}` };
  if (accept) headers.Accept = accept;
  if (etag) headers["If-Match"] = etag;
  if (body !== undefined) headers["Content-Type"] = typeof body === "string" ? "application/yaml" : "application/json";
  const address = `${ROOT}/v1${path}${asked(query)}`;
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers,
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      signal,
      cache: "no-store",
      credentials: "omit",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0);
  }
  if (!answer.ok) throw await refused(answer, key);
  const media = answer.headers.get("content-type") ?? "";
  const text = await answer.text();
  return { data: media.includes("json") && text ? JSON.parse(text) : text, etag: answer.headers.get("etag") };
}

/** What a GET answers. */
export async function read(path, query, signal) {
  return (await call("GET", path, { query, signal })).data;
}

let health = null;

/** How the service is. Who asks while it is being asked shares the answer: each call at
 * the same time may be one more cold start. */
export function readHealth() {
  health ??= read("/health").finally(() => (health = null));
  return health;
}

/** What a POST answers. */
export async function post(path, body = {}) {
  return (await call("POST", path, { body })).data;
}

/** The items of several pages, and whether there are more. */
export async function pages(path, field, query, most, signal) {
  const found = [];
  let cursor = "";
  for (let page = 0; page < most; page += 1) {
    const answer = await read(path, { ...query, limit: 100, cursor }, signal);
    found.push(...answer[field]);
    cursor = answer.next;
    if (!cursor) break;
  }
  return { found, more: Boolean(cursor) };
}

async function refused(answer, key) {
  let document = {};
  try {
    document = await answer.json();
  } catch {
    // Not ours: what stands in between answers in HTML.
  }
  const problem = new Problem(answer.status, document);
  if (answer.status === 401 && key === undefined) dispatchEvent(new CustomEvent("signed-out"));
  return problem;
}

function asked(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
