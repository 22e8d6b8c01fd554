"""Serving the studio on a port, as safely as a local app should be."""

import logging
import os
import signal
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.brotli_middleware import BrotliMiddleware
from gradio.route_utils import CustomCORSMiddleware
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from lineas.errors import LineasError
from lineas.files import ASSETS
from lineas.server.app import create_app
from lineas.server.guard import Attempts, Guard
from lineas.server.network import allowed_hosts, check_port, is_loopback
from lineas.service.shared_batches import MOST_WAITING
from lineas.ui import space
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.context import Context
from lineas.ui.language import SpeakTheirLanguage
from lineas.ui.opening import direct, patient
from lineas.ui.studio import build
from lineas.ui.theme import STYLES, studio_theme
from lineas.ui.window import open_window

if TYPE_CHECKING:
    from lineas.service.service import StudioService

QUEUE_INTERVAL = 0.01
"""Seconds between two looks of Gradio's queue for work. Gradio looks a thousand times a second, which takes 4 % of a core from the
model."""

SECONDS_FOR_PAGES = 1
"""How long open pages may keep the program from ending."""


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
    context = Context(service, load_presets(), local=local, auth=sign_in is not None, mcp=mcp, restart=restart)
    blocks = build(context)
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
        context.pictures.start()
        while blocks.is_running:
            time.sleep(0.1)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl+C must not keep the run from being marked
        context.pictures.close()
        service.close()
        blocks.server.config.timeout_graceful_shutdown = (
            SECONDS_FOR_PAGES  # they keep a connection open for as long as they are
        )
        blocks.close(verbose=False)


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
    blocks.queue()
    blocks._queue.sleep_when_free = QUEUE_INTERVAL  # Gradio has no option for it
    blocks._queue.push = _with_an_end(blocks._queue)  # type: ignore[method-assign]
    attempts = Attempts()
    middleware = [Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(server_name, share))]
    if not space.on_space():  # a Space is public, and other sites show it in a frame
        uploads = Path(blocks.GRADIO_CACHE)
        middleware.append(Middleware(Guard, attempts=attempts, uploads=uploads, own_check="/v1/"))
    middleware.append(Middleware(SpeakTheirLanguage))
    try:
        with nullcontext() if share else direct(), patient():
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
                auth_message=html.sign_in(),
                max_file_size="20mb",
                theme=studio_theme(),
                css_paths=STYLES,
                js=_script(),
                favicon_path=ASSETS / "icon.png",
                app_kwargs={
                    "middleware": middleware,
                    "routes": [Mount("/v1", create_app(service, api_key, attempts))],
                },
                _frontend=False,  # Gradio's look at its own page gives up after 3 seconds, and then advises a public link
                **options,
            )
    except OSError as error:
        check_port(
            server_name, options.get("server_port", 0)
        )  # another program may have taken it since it was looked at
        raise LineasError(ui_text.CANNOT_OPEN.format(reason=error)) from error
    if not space.on_space():
        _without(blocks.server_app, CustomCORSMiddleware)  # it allows every port of this computer to read the pages
    if is_loopback(server_name) and not share:
        _without(blocks.server_app, BrotliMiddleware)  # half the work of a page, and no network to save
    return opened


def _with_an_end(line: Any) -> Any:
    """The way into Gradio's queue that tells whoever comes when it is full their place; Gradio's own limit says "busy" only."""
    push = line.push

    async def join(**asked: Any) -> Any:
        if (waiting := len(line)) >= MOST_WAITING:
            sentence = ui_text.LINE_IS_FULL.format(waiting=waiting, place=waiting + 1)
            raise HTTPException(429, sentence, {"Retry-After": "5"})
        return await push(**asked)

    return join


def _without(app: Any, middleware: type) -> None:
    """Take away a middleware for which Gradio has no option."""
    app.user_middleware[:] = [kept for kept in app.user_middleware if kept.cls is not middleware]
    app.middleware_stack = app.build_middleware_stack()


def _script() -> str:
    """The page's scripts as the one function that Gradio takes; each file is a function, too."""
    files = (
        ASSETS / name
        for name in (
            "studio.js",
            "drop.js",
            "card.js",
            "ahead.js",
            "gallery.js",
            "stage.js",
            "tour.js",
            "language.js",
            "news.js",
        )
    )
    calls = (f"({file.read_text(encoding='utf-8').strip().removesuffix(';')})();" for file in files)
    return "() => {\n" + "\n".join(calls) + "\n}"
