"""Asking on Compare without a port."""

from typing import Any

from handlers import REQUEST, by_id, handler

from lineas.ui.pages.compare.conversation import Talk
from lineas.ui.pages.compare.record import Exchange


def ask(
    blocks: Any,
    prompt: str = "Tell me.",
    concept: str | None = "preset:pirate",
    length: int = 20,
    *,
    lock: bool = True,
    changed: bool = False,
    system: str | None = None,
    wish: str | None = None,
    third: bool = True,
    mode: str = "show",
    talking: bool = False,
    safe: bool = False,
    talk: Talk = Talk(),  # noqa: B008  # frozen
    name: str = "answer",
) -> Any:
    """Send what the page sends when Compare is pressed; ``name`` is "again" for Try again and "live" for the moved slider."""
    settings = (prompt, concept, 1.0, system, third and wish is not None, wish, 0, length, 0.7, "chat", mode)
    return handler(blocks, name, "compare")(lock, changed, talking, safe, talk, REQUEST, *settings)


def shown(blocks: Any, **asked: Any) -> list[dict[str, Any]]:
    """All updates of one question."""
    return [by_id(updates) for updates in ask(blocks, **asked)]


def exchange_of(updates: dict[Any, Any]) -> Exchange:
    return talk_of(updates).turns[-1]


def talk_of(updates: dict[Any, Any]) -> Talk:
    return next(value for value in updates.values() if isinstance(value, Talk))
