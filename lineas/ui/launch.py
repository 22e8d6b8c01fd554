"""The studio: pages in a browser. Nothing outside this package and ``app.py`` imports Gradio.

This module stays light (no Gradio, no torch), so that ``lineas --help`` and a busy port are answered at once.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import socket
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import lineas.files
from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.space import keep_in, on_space

DEFAULT_PORT, LAST_PORT = 7860, 65535


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The studio's flags, shared by ``python app.py`` and ``lineas app``; hand the result to ``launch(**vars(flags))``."""
    parser.add_argument("--model", default="default", help="default, a Hugging Face id, a folder, or a .gguf file")
    parser.add_argument(
        "--host",
        default="0.0.0.0" if on_space() else "127.0.0.1",
        help="address to listen on (any but this computer's own needs --auth)",
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"port to listen on (default {DEFAULT_PORT})")
    parser.add_argument(
        "--home", type=Path, help="folder for concepts, runs and the default model (default: $LINEAS_HOME)"
    )
    parser.add_argument("--auth", metavar="NAME:PASSWORD", help="ask for this sign-in")
    parser.add_argument(
        "--share", action="store_true", help="make a public link through Gradio's servers (needs --auth)"
    )
    parser.add_argument("--inbrowser", action="store_true", help="open the page in the browser")
    parser.add_argument(
        "--window", action="store_true", help="open the page in a window of its own (Chrome, Chromium or Edge)"
    )
    parser.add_argument(
        "--mcp", action="store_true", help="let language models use it as a tool: compare, and list the concepts"
    )


def launch(
    *,
    model: str = "default",
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    home: Path | None = None,
    auth: str | None = None,
    share: bool = False,
    inbrowser: bool = False,
    window: bool = False,
    mcp: bool = False,
) -> None:
    """Start the studio and stay until Ctrl+C. The page is up before torch is imported; the model loads behind it.

    Raises LineasError, before anything slow happens, for a port in use, a sign-in that is missing or malformed, and a
    home folder that cannot be used, and --mcp without its package.
    """
    sign_in = _sign_in(auth)
    if sign_in is None and share:
        raise LineasError(ui_text.NEEDS_AUTH.format(where="a public link", flag="--share"))
    if sign_in is None and not is_loopback(host) and not on_space():
        raise LineasError(ui_text.NEEDS_AUTH.format(where=host, flag="--host"))
    if mcp and find_spec("mcp") is None:
        raise LineasError(ui_text.NO_MCP)
    check_port(host, port)
    if home is not None:
        os.environ["LINEAS_HOME"] = str(home.expanduser().absolute())
    keep_in(lineas.files.home())
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported, or it calls home
    print(ui_text.STARTING, flush=True)
    with suppress(KeyboardInterrupt):
        from lineas.ui.server import serve

        serve(model, host, port, sign_in, share=share, inbrowser=inbrowser, window=window, mcp=mcp)


def _sign_in(auth: str | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    name, colon, password = auth.partition(":")
    if not (name and colon and password):
        raise LineasError(ui_text.BAD_AUTH.format(auth=auth))
    return name, password


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach the address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_port(host: str, port: int) -> None:
    """LineasError where the studio could not listen there."""
    if not 1 <= port <= LAST_PORT:
        raise LineasError(ui_text.BAD_PORT.format(port=port))
    try:
        _try_to_listen(host, port)
    except OSError as error:
        other = _free_port(host, port)
        if _in_use(error):
            raise LineasError(ui_text.PORT_BUSY.format(port=port, other=other)) from None
        raise LineasError(
            ui_text.PORT_REFUSED.format(host=host, port=port, reason=error.strerror, other=other)
        ) from None


def _in_use(error: OSError) -> bool:
    import errno

    return error.errno == errno.EADDRINUSE


def _try_to_listen(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        if os.name == "posix":  # a port whose last user just left is free; on Windows this flag would allow a busy one
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))


def _free_port(host: str, port: int) -> int:
    """The next port from which nothing listens."""
    for other in range(max(port + 1, 1024), min(port + 200, LAST_PORT + 1)):
        try:
            _try_to_listen(host, other)
            return other
        except OSError:
            continue
    return DEFAULT_PORT
