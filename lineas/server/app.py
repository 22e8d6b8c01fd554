"""The server's addresses below ``/v1``, who may use them, and how failures reach the client."""

import json
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lineas.errors import LineasError, describe
from lineas.server import answering, concept_names
from lineas.server.guard import FOREIGN, Attempts, from_another_site, sender
from lineas.server.replies import error_response
from lineas.server.requests import ChatRequest, CompletionRequest, read

if TYPE_CHECKING:
    from lineas.service.service import StudioService

LARGEST_BODY = 4_000_000
"""Bytes of a request; the longest prompt of any model today is shorter."""
Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(service: "StudioService", api_key: str | None, attempts: Attempts | None = None) -> Starlette:
    """Make the application of everything below ``/v1``.

    Args:
        api_key: what clients must send as their API key; None: nothing, but pages of other sites are kept out.
        attempts: counts wrong keys; given where the key is also a password elsewhere.
    """
    counted = attempts or Attempts()

    async def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": await run_in_threadpool(concept_names.list_models, service)})

    async def model(request: Request) -> Response:
        return JSONResponse(
            await run_in_threadpool(concept_names.describe_model, service, request.path_params["name"])
        )

    async def chat(request: Request) -> Response:
        return await _answer(service, read(ChatRequest, await _body(request)), request)

    async def complete(request: Request) -> Response:
        return await _answer(service, read(CompletionRequest, await _body(request)), request)

    def allowed(endpoint: Endpoint) -> Endpoint:
        async def checked(request: Request) -> Response:
            await _check_access(request, api_key, counted)
            try:
                service.model_slot.ready()
            except LineasError as error:  # it is being loaded, or could not be
                raise HTTPException(503, str(error)) from None
            return await endpoint(request)

        return checked

    routes = [
        Route("/models", allowed(models)),
        Route("/models/{name:path}", allowed(model)),
        Route("/chat/completions", allowed(chat), methods=["POST"]),
        Route("/completions", allowed(complete), methods=["POST"]),
    ]
    handlers: Any = {HTTPException: _refused, LineasError: _impossible, Exception: _failed}
    cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"])
    return Starlette(routes=routes, exception_handlers=handlers, middleware=[cors] if api_key is not None else [])


async def _answer(service: "StudioService", asked: ChatRequest | CompletionRequest, request: Request) -> Response:
    waiting = await answering.submit(service, asked)
    if asked.stream:
        events = answering.pieces(waiting, asked.usage_at_end)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
    return JSONResponse(await answering.whole(waiting, request))


async def _body(request: Request) -> dict[str, Any]:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            raise HTTPException(413, f"The request is larger than {LARGEST_BODY / 1e6:g} MB. Send less text.")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise LineasError('The request is no JSON object. Send one, such as {"model": …, "messages": […]}.')
    return body


async def _check_access(request: Request, api_key: str | None, attempts: Attempts) -> None:
    """Let in whoever knows the key; where there is none, everyone but the pages of other sites.

    A page elsewhere can make its visitor's browser send a request to this computer, and the browser says from where.

    Raises:
        HTTPException: not let in (401, 403), or too many wrong keys (429).
    """
    if api_key is None:
        if from_another_site(request.headers):
            raise HTTPException(403, f"{FOREIGN} Start it with an API key to allow that.")
        return
    await attempts.turn(address := sender(request.scope))
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secrets.compare_digest(key.strip().encode(), api_key.encode()):
        attempts.wrong(address)
        raise HTTPException(401, "This server asks for an API key, and yours is missing or wrong.")


async def _refused(request: Request, error: HTTPException) -> Response:
    sentence = error.detail if error.status_code != 405 else f"{request.method} is not possible here. Use POST."
    if error.status_code == 404 and sentence == "Not Found":
        sentence = f"There is nothing at {request.url.path}. See /v1/models, /v1/chat/completions and /v1/completions."
    return error_response(error.status_code, sentence)


async def _impossible(request: Request, error: LineasError) -> Response:
    return error_response(400, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    return error_response(500, describe(error))
