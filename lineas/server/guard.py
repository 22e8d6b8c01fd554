"""What stands before every page and endpoint of the studio: no requests from other sites, no huge ones, no quick guessing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_REQUEST = 40_000_000
"""Bytes of one request: two files of the largest size that an upload may have."""
MOST_UPLOADED, MOST_UPLOADS = 1_000_000_000, 1_000
"""Bytes and number of the uploaded files that are kept at one time; Gradio removes them a day later."""
FREE_TRIES = 3
LONGEST_DELAY, LONGEST_WAIT = 30.0, 60.0
"""Seconds that are added before a guess, and that a guess may wait before it is refused."""
FORGOTTEN_AFTER = 900.0
FOREIGN = "Pages of other sites may not use this server."


def from_another_site(headers: Headers) -> bool:
    """Return whether a browser sent the request for a page of another site, by the ``Origin`` that browsers add.

    A proxy in front may name the host in ``X-Forwarded-Host``, which no page can add to a request to another site.
    """
    if "origin" not in headers:
        return False
    hosts = [headers.get("host", ""), headers.get("x-forwarded-host", "").partition(",")[0].strip()]
    return urlsplit(headers["origin"]).netloc not in filter(None, hosts)


def sender(scope: Scope) -> str:
    """The address that wrong passwords are counted for: one for all who come through a proxy, since anyone can name another."""
    if "x-forwarded-for" in Headers(scope=scope):
        return "forwarded"
    client = scope.get("client")
    return str(client[0]) if client else ""


@dataclass
class _Guesses:
    wrong: int = 0
    last: float = 0.0
    free_at: float = 0.0


class Attempts:
    """Wrong passwords by address. After a few, each costs twice the time of the one before, and they wait one after the other."""

    def __init__(self) -> None:
        self._guesses: dict[str, _Guesses] = {}

    async def turn(self, address: str) -> None:
        """Wait until the address may try again.

        Raises:
            HTTPException: that would take too long (429).
        """
        now = time.monotonic()
        guesses = self._of(address, now)
        if guesses.wrong < FREE_TRIES:
            return
        begins = max(now, guesses.free_at) + min(2.0 ** (guesses.wrong - FREE_TRIES), LONGEST_DELAY)
        if (seconds := begins - now) > LONGEST_WAIT:
            sentence = f"There were too many wrong passwords. Try again in {seconds:.0f} seconds."
            raise HTTPException(429, sentence, {"Retry-After": f"{seconds:.0f}"})
        guesses.free_at = begins
        await asyncio.sleep(seconds)

    def wrong(self, address: str, change: int = 1) -> None:
        """Count a wrong password; with -1, take one back."""
        now = time.monotonic()
        guesses = self._of(address, now)
        guesses.wrong, guesses.last = guesses.wrong + change, now

    def _of(self, address: str, now: float) -> _Guesses:
        self._guesses = {key: kept for key, kept in self._guesses.items() if now - kept.last < FORGOTTEN_AFTER}
        return self._guesses.setdefault(address, _Guesses(last=now))


class Guard:
    """ASGI middleware around the whole studio.

    Args:
        attempts: counts the wrong passwords of the sign-in.
        uploads: the folder of uploaded files.
        own_check: path of a part that checks origins itself, because programs with a key may come from anywhere.
    """

    def __init__(self, app: Any, attempts: Attempts, uploads: Path, own_check: str) -> None:
        self._app = app
        self._attempts = attempts
        self._uploads = uploads
        self._own_check = own_check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
        try:
            if not path.startswith(self._own_check) and from_another_site(headers):
                raise HTTPException(403, FOREIGN)
            if int(headers.get("content-length", "0") or 0) > LARGEST_REQUEST:
                raise HTTPException(413, _TOO_LARGE)
            if scope["method"] == "POST" and path.endswith("/upload"):
                await asyncio.to_thread(_check_room, self._uploads)
            if scope["method"] == "POST" and path.rstrip("/").endswith("/login"):
                await self._sign_in(scope, receive, send)
                return
        except (HTTPException, ValueError) as refused:
            status, sentence = (
                (refused.status_code, refused.detail) if isinstance(refused, HTTPException) else (400, "")
            )
            more = refused.headers if isinstance(refused, HTTPException) else None
            await JSONResponse({"detail": sentence}, status, more)(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)

    async def _sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a sign-in on. It counts as wrong until it is seen to be right, so that many at once gain nothing."""
        address = sender(scope)
        await self._attempts.turn(address)
        self._attempts.wrong(address)

        async def watched(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self._attempts.wrong(address, -1)
            await send(message)

        await self._app(scope, _bounded(receive), watched)


_TOO_LARGE = f"The request is larger than {LARGEST_REQUEST / 1e6:g} MB. Send less at one time."


def _bounded(receive: Receive) -> Receive:
    """Refuse a body that turns out larger than its header said, or that has no length there."""
    received = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_REQUEST:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return bounded


def _check_room(folder: Path) -> None:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    if len(sizes) >= MOST_UPLOADS or sum(sizes) >= MOST_UPLOADED:
        raise HTTPException(
            413,
            "Too many files were uploaded today. They are removed a day later, or delete the folder 'uploads' now.",
        )
