"""Putting the studio on a port, as safely as a local app should be."""

from __future__ import annotations

import logging
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from lineas.ui import is_loopback, words
from lineas.ui.context import Context
from lineas.ui.studio import build
from lineas.ui.theme import ASSETS, studio_theme

ANYWHERE = ("0.0.0.0", "::")


def serve(model: str, host: str, port: int, sign_in: tuple[str, str] | None, share: bool, inbrowser: bool) -> None:
    """Open the page, then wake the workbench behind it, and stay until Ctrl+C."""
    from lineas.examples.presets import load_presets
    from lineas.workbench import Workbench

    logging.getLogger("httpx").setLevel(logging.WARNING)
    bench = Workbench(model)
    blocks = build(Context(bench, load_presets()))
    _, url, public_url = open_page(
        blocks, server_name=host, server_port=port, auth=sign_in, share=share, inbrowser=inbrowser
    )
    try:
        print(words.NEW_ADDRESS.format(url=public_url or url), flush=True)
        bench.start()
        blocks.block_thread()
    finally:
        bench.close()


def open_page(
    blocks: gr.Blocks, *, server_name: str = "127.0.0.1", share: bool = False, **options: Any
) -> tuple[Any, str, str]:
    """Launch without blocking: (server, local address, public address). Tests come in here too."""
    middleware = Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(server_name, share))
    opened: tuple[Any, str, str] = blocks.queue(max_size=64).launch(
        server_name=server_name,
        share=share,
        prevent_thread_lock=True,
        quiet=True,
        show_error=True,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=True,
        max_file_size="20mb",
        theme=studio_theme(),
        css_paths=ASSETS / "style.css",
        js=(ASSETS / "studio.js").read_text(encoding="utf-8"),
        favicon_path=ASSETS / "icon.png",
        app_kwargs={"middleware": [middleware]},
        **options,
    )
    return opened


def allowed_hosts(host: str, share: bool) -> list[str]:
    """The names under which the page may be asked for. A page elsewhere that points its own name at this computer
    (DNS rebinding) is refused; where the studio listens everywhere, its sign-in does that work."""
    if host in ANYWHERE:
        return ["*"]
    names = ["127.0.0.1", "localhost", "[::1]"] if is_loopback(host) else [host, "127.0.0.1", "localhost"]
    return names + (["*.gradio.live"] if share else [])
