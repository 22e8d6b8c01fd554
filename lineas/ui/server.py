"""Serving the studio on a port, as safely as a local app should be."""

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from lineas.files import ASSETS
from lineas.server.app import create_app
from lineas.server.network import allowed_hosts, is_loopback
from lineas.ui import space
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.studio import build
from lineas.ui.theme import STYLES, studio_theme
from lineas.ui.window import open_window

if TYPE_CHECKING:
    from lineas.service.service import StudioService

QUEUE_INTERVAL = 0.01
"""Seconds between two looks of Gradio's queue for work. Gradio looks a thousand times a second, which takes 4 % of a core from the
model."""


def serve(
    model: str,
    host: str,
    port: int,
    sign_in: tuple[str, str] | None,
    *,
    quantize: str | None,
    api_key: str | None,
    share: bool,
    inbrowser: bool,
    window: bool,
    mcp: bool,
) -> None:
    """Open the page, then start the service behind it, and stay until Ctrl+C."""
    device = "cpu" if space.has_zero_gpu() else None
    from lineas.data.presets import load_presets
    from lineas.service.service import StudioService

    logging.getLogger("httpx").setLevel(logging.WARNING)
    service = StudioService(model, device=device, quantize=quantize)
    local = is_loopback(host) and not share and not space.on_space()
    blocks = build(Context(service, load_presets(), local=local, auth=sign_in is not None, mcp=mcp, restart=restart))
    _, url, public_url = open_page(
        blocks,
        service,
        api_key,
        server_name=host,
        server_port=port,
        auth=sign_in,
        share=share,
        inbrowser=inbrowser and not window,
        mcp_server=mcp,
    )
    try:
        print(ui_text.NEW_ADDRESS.format(url=public_url or url), flush=True)
        if mcp:
            print(ui_text.MCP_ADDRESS.format(url=f"{url.rstrip('/')}/gradio_api/mcp/"), flush=True)
        if window:
            open_window(url)
        service.start()
        blocks.block_thread()
    finally:
        service.close()


def restart() -> None:
    """Replace this process by a new one with the same flags. The port is free again by then; runs that were being taught become
    interrupted."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def open_page(
    blocks: gr.Blocks,
    service: "StudioService",
    api_key: str | None = None,
    *,
    server_name: str = "127.0.0.1",
    share: bool = False,
    **options: Any,
) -> tuple[Any, str, str]:
    """Launch without blocking, and return server, local address and public address. Tests use this as well.

    Args:
        api_key: what programs must send that use the service below ``/v1``; None: nothing.
    """
    blocks.queue(max_size=64)
    blocks._queue.sleep_when_free = QUEUE_INTERVAL  # Gradio has no option for it
    middleware = Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(server_name, share))
    opened: tuple[Any, str, str] = blocks.launch(
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
        css_paths=STYLES,
        js=_script(),
        favicon_path=ASSETS / "icon.png",
        app_kwargs={"middleware": [middleware], "routes": [Mount("/v1", create_app(service, api_key))]},
        **options,
    )
    return opened


def _script() -> str:
    """The page's scripts as the one function that Gradio takes; each file is a function, too."""
    files = (ASSETS / name for name in ("studio.js", "stage.js", "tour.js", "news.js"))
    calls = (f"({file.read_text(encoding='utf-8').strip().removesuffix(';')})();" for file in files)
    return "() => {\n" + "\n".join(calls) + "\n}"
