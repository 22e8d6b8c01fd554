"""``lineas serve``: the model and its concepts on a port, without pages."""

from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from lineas.server.app import create_app
from lineas.server.network import allowed_hosts

if TYPE_CHECKING:
    from lineas.service.service import StudioService

MOST_SECONDS_TO_CLOSE = 3


def application(service: "StudioService", host: str, api_key: str | None) -> Starlette:
    """Make the server's application, for requests to the names of ``host`` only."""
    return Starlette(
        routes=[Mount("/v1", create_app(service, api_key))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(host, share=False))],
    )


def serve(service: "StudioService", host: str, port: int, api_key: str | None) -> None:
    """Serve a started service until Ctrl+C."""
    uvicorn.run(
        application(service, host, api_key),
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=MOST_SECONDS_TO_CLOSE,
    )
