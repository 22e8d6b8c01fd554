"""Opening a page on a port of this computer, whatever proxies, certificates and load there are. Imports Gradio only when asked."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
SECONDS_TO_OPEN = 120.0
"""How long a busy machine may take to open the port; Gradio allows 5 seconds."""


@contextmanager
def direct() -> Iterator[None]:
    """A context in which nothing goes through a proxy and no certificates are read.

    Gradio makes HTTP clients when it is imported and asks its own page when it opens it. Neither needs the network, but a proxy, a
    malformed exception to it, or a missing file of certificates ends both.
    """
    names = [name for proxy in PROXIES for name in (proxy, proxy.lower())] + list(CERTIFICATES)
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ["no_proxy"] = "*"  # also against proxies that Windows or macOS are set to
    try:
        yield
    finally:
        del os.environ["no_proxy"]
        os.environ.update(kept)


@contextmanager
def patient() -> Iterator[None]:
    """A context in which Gradio waits for its server as long as a busy machine needs, and notices at once where it cannot start."""
    http_server: Any = import_module("gradio.http_server")

    def run_in_thread(server: Any) -> None:
        server.thread = threading.Thread(target=server.run, daemon=True)
        server.thread.start()
        ends = time.monotonic() + SECONDS_TO_OPEN
        while not server.started:
            if not server.thread.is_alive() or time.monotonic() > ends:
                raise http_server.ServerFailedToStartError("the port cannot be used")
            time.sleep(0.005)

    usual = http_server.Server.run_in_thread
    http_server.Server.run_in_thread = run_in_thread
    try:
        yield
    finally:
        http_server.Server.run_in_thread = usual
