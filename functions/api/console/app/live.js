// Keeping a page current: gently, and only while someone looks at it.

/** Do `work` now and again until the signal aborts; it rests while the tab is hidden. */
export function keepCurrent(work, ms, signal) {
  let timer = 0;
  let failures = 0;
  let running = false;
  async function turn() {
    clearTimeout(timer);
    if (signal.aborted || running || document.hidden) return;
    running = true;
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (error.name !== "AbortError") failures += 1;
    }
    running = false;
    if (!signal.aborted) timer = setTimeout(turn, Math.min(ms * 2 ** failures, 60_000));
  }
  document.addEventListener("visibilitychange", turn, { signal });
  addEventListener("online", turn, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  turn();
  return turn;
}

/** Run `work` on all items, a few at a time; tells how many are done. */
export async function inTurn(items, work, tell = () => {}) {
  const failed = [];
  const waiting = [...items];
  let done = 0;
  async function lane() {
    while (waiting.length) {
      const item = waiting.shift();
      try {
        await work(item);
      } catch (problem) {
        failed.push({ item, problem });
      }
      done += 1;
      tell(done);
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()]);
  return failed;
}
