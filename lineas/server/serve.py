"""``lineas serve``: the model and its concepts on a port, without pages."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from lineas.server.network import allowed_hosts

if TYPE_CHECKING:
    from lineas.service.service import StudioService

MOST_SECONDS_TO_CLOSE = 3


def serve(service: "StudioService", host: str, port: int, api_key: str | None) -> None:
    """Serve a started service until Ctrl+C."""
    import uvicorn

    from lineas.server.app import create_app

    application = Starlette(
        routes=[Mount("/v1", create_app(service, api_key))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(host, share=False))],
    )
    uvicorn.run(
        application, host=host, port=port, log_level="warning", timeout_graceful_shutdown=MOST_SECONDS_TO_CLOSE
    )
