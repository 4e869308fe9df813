"""The outbox: a bounded queue, and one daemon thread that empties it.

One lock guards everything. Its owner may take it again, since a signal handler or a
finalizer can post while the same thread is posting.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from tocsin_client import lifetime
from tocsin_client.batches import Batch, Entry, fitting
from tocsin_client.courier import Courier, here
from tocsin_client.drops import FULL, REFUSED, Drops
from tocsin_client.herald import Herald, OnDrop
from tocsin_client.verdicts import Kind, Verdict

logger = logging.getLogger("tocsin_client")
IDLE = 30.0  # s after which the thread ends; the next event starts another
HURRIED = 0.1  # s between tries while somebody waits in `flush`
LOG_EVERY = 1.0  # s


class Outbox:
    """Takes entries without ever waiting, and sends them in order.

    `on_drop(count, reason)` is called from the outbox's thread, or by `flush`.
    """

    def __init__(
        self,
        courier: Courier,
        *,
        size: int = 500,
        source: str = "",
        tell_every: float = 60.0,
        on_drop: OnDrop | None = None,
        exit_patience: float = 2.0,
    ) -> None:
        self.size = size
        self.exit_patience = exit_patience
        self._courier = courier
        self._tell_every = tell_every
        self._herald = Herald(source, on_drop)
        self.renew()
        lifetime.keep(self)

    def renew(self) -> None:
        """Begin anew: after a fork, what is queued is the parent's to send, and its
        lock may be held by a thread that does not exist here."""
        lock = threading.RLock()
        self._work = threading.Condition(lock)
        self._done = threading.Condition(lock)
        self._queue: deque[Entry] = deque()
        self._batches: deque[Batch] = deque()
        self._held = 0  # events in batches
        self._thread: threading.Thread | None = None
        self._idle = self._sending = self._reached = self._troubled = False
        self._hurry = 0.0
        self._why = ""
        self.drops = Drops()

    def put(self, entry: Entry) -> bool:
        """Queue it; False where the queue is full, which is counted."""
        with self._work:
            room = len(self._queue) + self._held < self.size
            if room:
                self._queue.append(entry)
            else:
                self.drops.add(FULL)
            if self._thread is None or not self._thread.is_alive():
                self._start()
            elif self._idle:
                self._work.notify()
            return room

    def waiting(self) -> int:
        """How many events are neither sent nor dropped."""
        with self._work:
            return len(self._queue) + self._held

    def flush(self, timeout: float) -> bool:
        """Whether everything is settled within so many seconds. Waits of our own are
        cut short meanwhile, those that the server asked for are not."""
        deadline = time.monotonic() + timeout
        with self._work:
            self._hurry = max(self._hurry, deadline)
            self._work.notify_all()
        settled = self._settled_by(deadline)
        self._log_drops()
        return settled

    def _settled_by(self, deadline: float) -> bool:
        while True:
            left = deadline - time.monotonic()
            with self._work:
                if not (self._queue or self._batches or self._owes()):
                    return True
                if left <= 0:
                    return False
                if self._thread is None or not self._thread.is_alive():
                    self._start()
                if self._thread is not None:
                    self._done.wait(left)
                    continue
            self._step_here(left)

    def _owes(self) -> bool:
        """Whether drops are to be told to people, who can be reached."""
        return self._reached and self.drops.untold

    def _start(self) -> None:
        """Start the thread, unless the interpreter is too far gone for one."""
        thread = threading.Thread(target=self._run, name="tocsin", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._thread = None
            return
        self._thread = thread
        lifetime.flush_in_children()

    # -- the thread ----------------------------------------------------------------

    def _run(self) -> None:
        here.sending = True
        while self._survives():
            pass

    def _survives(self) -> bool:
        """A step, whatever goes wrong: a thread that ends takes its events with it."""
        try:
            return self._step(IDLE)
        except Exception:
            logger.exception("the sending of events failed; it is tried again")
            time.sleep(LOG_EVERY)
            return True

    def _step_here(self, left: float) -> None:
        """A step in the caller's own thread, where none can be started."""
        before, here.sending = here.sending, True
        try:
            self._step(left)
        finally:
            here.sending = before

    def _step(self, patience: float) -> bool:
        """Wait for something to send and try once; False after waiting in vain."""
        self._log_drops()
        with self._work:
            if self._sending:  # by a thread that was started before this one
                self._done.wait(HURRIED)
                return True
            batch = self._next()
            if batch is None:
                return self._rest(patience)
            hurried = HURRIED if self._hurried() else None
            wait = batch.wait(time.monotonic(), hurried)
            if wait > 0:
                self._work.wait(min(wait, patience))
                return True
            timeout = self._timeout()
            self._sending = True
        self._try(batch, timeout)
        return True

    def _try(self, batch: Batch, timeout: float) -> None:
        verdict: Verdict | None = None
        try:
            verdict = self._courier.attempt(batch, timeout)
        finally:
            with self._work:
                self._sending = False
                if verdict is not None:
                    self._settle(batch, verdict)
                self._done.notify_all()

    def _rest(self, patience: float) -> bool:
        self._done.notify_all()
        unlogged = self.drops.unlogged
        self._idle = True
        woken = self._work.wait(min(patience, LOG_EVERY) if unlogged else patience)
        self._idle = False
        if woken or unlogged or self._owes() or self._queue:
            return True
        self._thread = None
        return False

    def _next(self) -> Batch | None:
        """What to send: what is under way, else how many were dropped once somebody
        there listens, else the oldest events that fit into one request."""
        if not self._batches:
            taken = self._report()
            if not taken:
                taken = [self._queue.popleft() for _ in range(fitting(self._queue))]
            if not taken:
                return None
            batch = Batch(tuple(taken))
            self._batches.append(batch)
            self._held += batch.events
        return self._batches[0]

    def _report(self) -> list[Entry]:
        every = 0.0 if self._hurried() else self._tell_every
        now = time.monotonic()
        counts = self.drops.to_tell(now, every) if self._reached else None
        return [self._herald.entry(counts)] if counts else []

    # -- clocks --------------------------------------------------------------------

    def _hurried(self) -> bool:
        return time.monotonic() < self._hurry

    def _timeout(self) -> float:
        left = self._hurry - time.monotonic()
        return min(self._courier.timeout, left) if left > 0 else self._courier.timeout

    # -- outcomes ------------------------------------------------------------------

    def _settle(self, batch: Batch, verdict: Verdict) -> None:
        now = time.monotonic()
        kind = batch.judged(verdict, now, self._courier.pacing.doubt)
        if kind is Kind.AGAIN:
            self._put_off(batch, verdict, now)
            return
        self._batches.popleft()
        if kind is Kind.PART:
            self._batches.extendleft(reversed(batch.halves()))
            return
        self._held -= batch.events
        lost = batch.events
        if kind is Kind.ACCEPTED:
            lost = min(lost, verdict.rejected)
        if lost:
            self._why = verdict.words
            self.drops.add(REFUSED, lost)
        if kind is Kind.ACCEPTED:
            self._reached, self._troubled = True, False

    def _put_off(self, batch: Batch, verdict: Verdict, now: float) -> None:
        pacing, chance = self._courier.pacing, self._courier.chance
        batch.due = now + pacing.wait(batch.tries, verdict.after, chance)
        batch.paced = verdict.after is not None
        if not self._troubled:
            logger.warning("events wait to be sent: %s", verdict.words)
        self._troubled, self._why = True, verdict.words

    def _log_drops(self) -> None:
        with self._work:
            every = 0.0 if self._hurried() else LOG_EVERY
            counts, why = self.drops.to_log(time.monotonic(), every), self._why
        self._herald.log(counts, why)
