"""The language of a page: the person's own choice, else the first of the browser's languages that the studio speaks."""

import re
from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers

from lineas.ui import text as ui_text

COOKIE = "lineas-language"
"""Cookie with the language that the person chose (assets/language.js sets it)."""
_ACCEPTED = re.compile(r"([a-z]{1,8}|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?(?=\s*(?:,|$))")


def wanted(headers: Mapping[str, str]) -> str:
    """The language that a request asks for, by its headers (with lower-case names). Programs, which send none, get English."""
    for code in (_chosen(headers.get("cookie", "")), *_accepted(headers.get("accept-language", ""))):
        if code in ui_text.LANGUAGES:
            return code
    return ui_text.ENGLISH


def _chosen(cookies: str) -> str:
    try:
        kept = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return kept.value if kept else ""


def _accepted(header: str) -> Iterator[str]:
    """The languages of an ``Accept-Language`` header without their regions, the most wanted first (RFC 9110, 12.5.4)."""
    found = [(code, float(quality or 1)) for code, quality in _ACCEPTED.findall(header.lower())]
    yield from (code for code, quality in sorted(found, key=lambda pair: -pair[1]) if quality > 0)


class SpeakTheirLanguage:
    """ASGI middleware in which everything is said in the language of the request."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        with ui_text.speaking(wanted(headers)):
            await self._app(scope, receive, send)
