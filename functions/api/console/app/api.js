// Calls of the API. Whatever goes wrong becomes a Problem with words and a next step.

import { words } from "../words.js";
import { session } from "./session.js";

// The gateway gives up after 30 s.
const PATIENCE = 40_000;

// The bundle is <root>/console/<version>/console.js, wherever the root may be.
export const ROOT = new URL("../../", import.meta.url).href.replace(/\/$/, "");

/** A refusal, or no answer that is ours (`status` 0). */
export class Problem extends Error {
  constructor(status, document = {}) {
    super(document.detail || document.title || words.problems.plain(status));
    this.status = status;
    // What stands in between may have errors of its own form.
    this.faults = [document.errors ?? []].flat().filter((fault) => typeof fault?.field === "string" && typeof fault.reason === "string");
    this.next = words.problems.next[status] ?? (status > 500 ? words.problems.next[500] : "");
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
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const { answer, text } = await answered(address, { method, headers, body: sent, cache: "no-store", credentials: "omit" }, signal);
  if (!answer.ok) throw refused(answer, text, key);
  const told = { data: "", etag: answer.headers.get("etag") };
  if (!text) return told;
  const wanted = (answer.headers.get("content-type") ?? "").includes(accept ?? "json");
  told.data = accept ? text : asJson(text);
  // What stands in between may answer in our place.
  if (!wanted || told.data === undefined) throw unreached(method, words.problems.strange);
  return told;
}

/** The answer with its text, which must be there in time. */
async function answered(address, asked, signal) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE);
  try {
    const answer = await fetch(address, { ...asked, signal: AbortSignal.any([late.signal, ...(signal ? [signal] : [])]) });
    return { answer, text: await answer.text() };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreached(asked.method, late.signal.aborted ? words.problems.late : "");
  } finally {
    clearTimeout(timer);
  }
}

/** Nobody knows whether what was asked for was done. */
function unreached(method, detail) {
  const problem = new Problem(0, { detail });
  if (method !== "GET") problem.next = words.problems.unsure;
  return problem;
}

function asJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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

function refused(answer, text, key) {
  const problem = new Problem(answer.status, asJson(text) ?? {});
  if (answer.status === 401 && key === undefined) dispatchEvent(new CustomEvent("signed-out"));
  return problem;
}

function asked(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
