"""A studio that answers on a free port."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ports import free_port
from small_presets import PRESETS

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui.context import Context


@dataclass
class OpenStudio:
    """A studio that answers at ``url``."""

    service: StudioService
    url: str
    blocks: Any


def start_service(home: Path, model: LoadedModel, *, health_checks: bool = False) -> StudioService:
    """Start the service of a home, with a model that is loaded already."""
    service = StudioService(root=home, health_checks=health_checks)
    service.start(load=False)
    service.use_model(model)
    return service


def open_studio(service: StudioService, mcp: bool = False, **context: Any) -> OpenStudio:
    """Open a studio; ``context`` are options of ``Context``."""
    from lineas.ui.server import open_page
    from lineas.ui.studio import build

    blocks = build(Context(service, PRESETS, mcp=mcp, **context))
    _, url, _ = open_page(blocks, service, server_port=free_port(), mcp_server=mcp)
    return OpenStudio(service, url, blocks)
