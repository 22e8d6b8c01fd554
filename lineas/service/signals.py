"""How a program ends when it is told to."""

import signal
import threading


def end_like_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP (a service manager, a closed terminal) end this program as Ctrl+C does: with everything saved."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # Python hands signals to the main thread only
        return
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), stop)
