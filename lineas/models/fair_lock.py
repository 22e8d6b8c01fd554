"""A lock that threads get in the order in which they asked for it.

``threading.Lock`` goes to whichever thread grabs it first, nearly always the loop that has just released it: an answer would
wait for ten training steps. Here every waiting thread has a ticket in a queue.
"""

import threading
from collections import deque


class FairLock:
    """First come, first served; re-entrant for the thread that holds it.

    Example:
        with lock:                       # training: once per step
            event = next(events)

        with lock:                       # decoding: held over many tokens, shared about twice a second
            for token in tokens:
                lock.share()
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._owner: int | None = None
        self._depth = 0
        self._tickets: deque[tuple[threading.Event, int]] = deque()

    @property
    def waiting(self) -> int:
        """Number of waiting threads."""
        return len(self._tickets)

    @property
    def locked(self) -> bool:
        """Return whether a thread holds the lock."""
        return self._owner is not None

    def acquire(self) -> None:
        """Wait for this thread's turn; return at once if it holds the lock already."""
        me = threading.get_ident()
        with self._guard:
            if self._owner is None or self._owner == me:
                self._owner, self._depth = me, self._depth + 1
                return
            ticket = threading.Event()
            self._tickets.append((ticket, me))
        try:
            ticket.wait()
        except BaseException:  # Ctrl-C while waiting: the ticket must not block those behind it
            with self._guard:
                if not ticket.is_set():
                    self._tickets.remove((ticket, me))
                    raise
            self.release()
            raise

    def release(self) -> None:
        """Undo one ``acquire``; the last one hands the lock to the next thread.

        Raises:
            RuntimeError: if this thread does not hold the lock.
        """
        with self._guard:
            if self._owner != threading.get_ident():
                raise RuntimeError("release of a FairLock that this thread does not hold")
            self._depth -= 1
            if self._depth == 0:
                self._hand_over()

    def share(self) -> bool:
        """Let all threads that wait now go first, then take the lock back; return whether any waited.

        A thread that works for long calls this now and then. It does nothing in a thread that does not hold the lock.
        """
        me = threading.get_ident()
        with self._guard:
            if self._owner != me or not self._tickets:
                return False
            depth, ticket = self._depth, threading.Event()
            self._tickets.append((ticket, me))
            self._hand_over()
        try:
            ticket.wait()
        except BaseException:
            ticket.wait()  # the caller's ``with`` releases on the way out, so this thread must hold the lock again by then
            raise
        finally:
            self._depth = depth
        return True

    def _hand_over(self) -> None:
        """Pass the lock straight to the next thread, so that no newcomer can slip in."""
        if not self._tickets:
            self._owner, self._depth = None, 0
            return
        ticket, self._owner = self._tickets.popleft()
        self._depth = 1
        ticket.set()

    def __enter__(self) -> "FairLock":
        self.acquire()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()
