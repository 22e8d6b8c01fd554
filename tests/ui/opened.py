"""A studio that answers on a free port."""

import socket
from dataclasses import dataclass
from typing import Any

from fake_presets import PRESETS

from lineas.ui.context import Context


@dataclass
class Open:
    """A studio that answers at ``url``."""

    service: Any
    url: str
    blocks: Any


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def open_studio(service: Any, mcp: bool = False, **context: Any) -> Open:
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    blocks = build(Context(service, PRESETS, mcp=mcp, **context))
    _, url, _ = open_page(blocks, server_port=free_port(), mcp_server=mcp)
    service.start()
    return Open(service, url, blocks)
