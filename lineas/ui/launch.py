"""Starting the studio from the command line.

This module imports neither Gradio nor torch, so that ``lineas --help`` and a busy port are answered at once.
"""

import argparse
import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import lineas.files
from lineas.errors import LineasError
from lineas.files import check_writable
from lineas.models.quantize import QUANTIZED, check_quantize
from lineas.server.access import KEY_VARIABLE, chosen_key
from lineas.server.network import DEFAULT_PORT, check_port, is_loopback
from lineas.service.signals import end_like_ctrl_c
from lineas.ui import text as ui_text
from lineas.ui.opening import direct
from lineas.ui.space import on_space, set_folders


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ``python app.py`` and ``lineas app``; hand the result to ``launch(**vars(flags))``."""
    add = parser.add_argument
    add("--model", default="default", help="default, a Hugging Face id, a folder, or a .gguf file")
    add(
        "--quantize",
        choices=QUANTIZED,
        help="load the model in 8 or 4 bits, so that a larger one fits (needs bitsandbytes)",
    )
    host = "0.0.0.0" if on_space() else "127.0.0.1"
    add("--host", default=host, help="address to listen on (any but this computer's own needs --auth)")
    add("--port", type=int, default=DEFAULT_PORT, help=f"port to listen on (default {DEFAULT_PORT})")
    add("--home", type=Path, help="folder for concepts, runs and the default model (default: $LINEAS_HOME)")
    add("--auth", metavar="NAME:PASSWORD", help="ask for this sign-in")
    add(
        "--api-key",
        metavar="KEY",
        help=f"what programs that use the studio's /v1 must send (default: ${KEY_VARIABLE}, or --auth)",
    )
    add("--share", action="store_true", help="make a public link through Gradio's servers (needs --auth)")
    add("--inbrowser", action="store_true", help="open the page in the browser")
    add("--window", action="store_true", help="open the page in its own window (Chrome, Chromium or Edge)")
    add("--mcp", action="store_true", help="let language models use it as a tool: compare, and list the concepts")


def launch(
    *,
    model: str = "default",
    quantize: str | None = None,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    home: Path | None = None,
    auth: str | None = None,
    api_key: str | None = None,
    share: bool = False,
    inbrowser: bool = False,
    window: bool = False,
    mcp: bool = False,
) -> None:
    """Start the studio and stay until Ctrl+C. The page is up before torch is imported; the model loads behind it.

    Raises:
        LineasError: before anything slow happens, for a port in use, a missing or malformed sign-in, a home folder that cannot be
            used, and --mcp or --quantize without its package.
    """
    sign_in, key = _sign_in(auth), chosen_key(api_key) or auth
    if sign_in is None and share:
        raise LineasError(ui_text.NEEDS_AUTH.format(where="a public link", flag="--share"))
    if sign_in is None and not is_loopback(host) and not on_space():
        raise LineasError(ui_text.NEEDS_AUTH.format(where=host, flag="--host"))
    if mcp and find_spec("mcp") is None:
        raise LineasError(ui_text.NO_MCP)
    check_quantize(quantize)
    check_port(host, port)
    if home is not None:
        os.environ["LINEAS_HOME"] = str(home.expanduser().absolute())
    set_folders(check_writable(lineas.files.home()))
    check_writable(Path(os.environ["GRADIO_TEMP_DIR"]))
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported, or it calls home
    print(ui_text.STARTING, flush=True)
    with suppress(KeyboardInterrupt):
        end_like_ctrl_c()
        with direct():
            from lineas.ui.server import serve

        serve(
            model,
            host,
            port,
            sign_in,
            api_key=key,
            quantize=quantize,
            share=share,
            inbrowser=inbrowser,
            window=window,
            mcp=mcp,
        )


def _sign_in(auth: str | None) -> tuple[str, str] | None:
    if auth is None:
        return None
    name, colon, password = auth.partition(":")
    if not (name and colon and password):
        raise LineasError(ui_text.BAD_AUTH.format(auth=auth))
    return name, password
