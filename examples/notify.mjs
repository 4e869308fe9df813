// Node 18 or newer: a bounded queue and one worker; the caller never waits, never fails.
// Nothing to install. `await close()` at the end sends what is left, within bounds.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const QUEUE = 500;
const TRIES = 4;
const EACH = 10_000;
const LONGEST_WAIT = 60;
const { TOCSIN_URL: url, TOCSIN_KEY: key } = process.env;

const waiting = [];
let worker = null;
let dropped = 0;

/** Queue an event; false when the queue is full and it was dropped. */
export function post(event) {
  if (!url || !key || waiting.length >= QUEUE) {
    dropped += 1;
    console.error(url && key ? "not told: the queue is full" : "not told: set TOCSIN_URL and TOCSIN_KEY");
    return false;
  }
  waiting.push(event);
  worker ??= work().finally(() => { worker = null; });
  return true;
}

/** Wait until all is sent, `patience` ms at most; how many were dropped. */
export async function close(patience = 15_000) {
  const enough = new AbortController();
  await Promise.race([worker, sleep(patience, null, { signal: enough.signal }).catch(() => {})]);
  enough.abort();
  return dropped;
}

async function work() {
  while (waiting.length > 0) await send(waiting.shift());
}

/** One key for all tries: nothing is told twice. */
async function send(event) {
  const id = randomUUID();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    let wait = 2 ** attempt;
    try {
      const answer = await fetch(`${url}/v1/events`, {
        method: "POST",
        headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Idempotency-Key": id },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(EACH),
      });
      if (answer.ok) return;
      console.error(`not told: HTTP ${answer.status} ${await answer.text()}`);
      if (answer.status !== 429 && answer.status < 500) break;
      wait = Math.min(Number(answer.headers.get("retry-after")) || wait, LONGEST_WAIT);
    } catch (error) {
      console.error(`not told yet: ${error.cause?.message ?? error.message}`);
    }
    if (attempt + 1 < TRIES) await sleep(wait * 1000, null, { ref: false });
  }
  dropped += 1;
}

if (import.meta.filename === process.argv[1]) {
  post({
    type: "import.done",
    title: "1,240 products are imported",
    severity: "success",
    fields: [{ name: "Skipped", value: "3" }],
  });
  await close();
}
