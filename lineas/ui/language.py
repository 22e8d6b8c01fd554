"""The language of a page: the person's own choice, else the first of the browser's languages that the studio speaks."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from lineas.ui import text as ui_text

COOKIE = "lineas-language"
"""Cookie with the language that the person chose (assets/language.js sets it)."""
_ACCEPTED = re.compile(r"([a-z]{1,8}|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")
MAX_HEADER = 500
"""Characters of ``Accept-Language`` that are read; browsers send fewer."""


def wanted(headers: Mapping[str, str]) -> str:
    """The language that a request asks for, by its headers (with lower-case names). Programs, which send none, get English."""
    for code in (
        cookie_parser(headers.get("cookie", "")).get(COOKIE, ""),
        *_accepted(headers.get("accept-language", "")),
    ):
        if code in ui_text.LANGUAGES:
            return code
    return ui_text.ENGLISH


def _accepted(header: str) -> Iterator[str]:
    """The languages of an ``Accept-Language`` header without their regions, the most wanted first (RFC 9110, 12.5.4)."""
    parts = (_ACCEPTED.fullmatch(part.strip()) for part in header[:MAX_HEADER].lower().split(","))
    found = [(part[1], float(part[2] or 1)) for part in parts if part]
    yield from (code for code, quality in sorted(found, key=lambda pair: -pair[1]) if quality > 0)


class SpeakTheirLanguage:
    """ASGI middleware in which everything is said in the language of the request."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        with ui_text.speaking(wanted(headers)):
            await self._app(scope, receive, send)
