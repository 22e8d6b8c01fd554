"""A studio that answers on a free port."""

from dataclasses import dataclass
from typing import Any

from fake_presets import PRESETS

from lineas.ui.context import Context


@dataclass
class Open:
    """A studio that answers at ``url``."""

    bench: Any
    url: str
    blocks: Any


def open_studio(bench: Any, mcp: bool = False, **context: Any) -> Open:
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    blocks = build(Context(bench, PRESETS, mcp=mcp, **context))
    _, url, _ = open_page(blocks, mcp_server=mcp)
    bench.start()
    return Open(bench, url, blocks)
