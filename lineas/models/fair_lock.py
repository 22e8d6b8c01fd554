"""A lock that is handed over in the order in which people asked for it.

``threading.Lock`` goes to whoever grabs it first, which is nearly always the loop that has just let go of it: with a
training that takes it again at once, an answer in the other thread waits for ten steps. Here everyone draws a ticket.
"""

import threading
from collections import deque


class FairLock:
    """First come, first served. Any thread may release it; it is not re-entrant.

    Example:
        with lock:                       # training: once for every step
            event = next(events)

        with lock:                       # decoding: held over many tokens, shared about twice a second
            for token in tokens:
                lock.share()
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._tickets: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._tickets)

    @property
    def locked(self) -> bool:
        """Whether someone holds it now."""
        return self._held

    def acquire(self) -> None:
        """Waits for its turn."""
        with self._guard:
            if not self._held:
                self._held = True
                return
            ticket = threading.Event()
            self._tickets.append(ticket)
        try:
            ticket.wait()
        except BaseException:  # Ctrl-C while in line: the ticket must not block those behind it
            with self._guard:
                if not ticket.is_set():
                    self._tickets.remove(ticket)
                    raise
            self.release()
            raise

    def release(self) -> None:
        """Hands the lock to the next in line. A RuntimeError where nobody holds it."""
        with self._guard:
            if not self._held:
                raise RuntimeError("release of a FairLock that nobody holds")
            if self._tickets:
                self._tickets.popleft().set()  # stays held: it passes straight on, so no newcomer can slip in between
            else:
                self._held = False

    def share(self) -> bool:
        """For a holder that works for long: lets all who wait now go first. Returns whether anyone did."""
        with self._guard:
            if not self._tickets:
                return False
            ticket = threading.Event()
            self._tickets.append(ticket)
            self._tickets.popleft().set()
        try:
            ticket.wait()
        except BaseException:
            ticket.wait()  # the caller's ``with`` releases on the way out, so it must hold the lock again by then
            raise
        return True

    def __enter__(self) -> "FairLock":
        self.acquire()
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()
