"""Answers that are decoded before the slider asks for them, sent to the page, whose script (assets/ahead.js) shows them at once."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lineas.errors import LineasError
from lineas.service.family_safe import is_family_safe
from lineas.ui import api
from lineas.ui import text as ui_text
from lineas.ui.pages.compare import render
from lineas.ui.pages.compare.record import Exchange, TimedAnswer

if TYPE_CHECKING:
    from lineas.service.answering import Answers
    from lineas.service.comparing import Comparison

STEP = 0.05
"""A step of the slider."""
MOST_QUESTIONS = 50
"""Number of questions, the newest of all browser pages, whose neighbours are sent."""


def neighbours(strength: float) -> list[float]:
    """The five places of the slider that are nearest to one."""
    steps = range(round(strength / STEP) - 4, round(strength / STEP) + 5)
    places = [round(step * STEP, 2) for step in steps if 0 <= step * STEP <= 2 and round(step * STEP, 2) != strength]
    return sorted(places, key=lambda place: (round(abs(place - strength), 2), -place))[:5]


def buttons(strength: float) -> list[float]:
    """The strengths of the buttons below the slider that are not among its neighbours."""
    near = [strength, *neighbours(strength)]
    return [place for _, place in ui_text.STRENGTH_BUTTONS if place not in near]


@dataclass(frozen=True)
class Ahead:
    """A question whose answers at the neighbours of its strength, and at those of the buttons, are decoded ahead.

    Attributes:
        key: name of the question at any strength, which the page's steered panel carries.
        before: HTML of the conversation before the steered answer.
        safe: send family-safe answers only.
    """

    key: str
    asked: Comparison
    exchange: Exchange
    before: str
    safe: bool

    def panels(self, answers: Answers) -> dict[str, str]:
        """The steered panel, with its whole answer, for each strength at which that is known."""
        panels = {}
        strength = self.exchange.question.strength
        known = answers.known(self.asked, [strength, *neighbours(strength), *buttons(strength)])
        for place, answer in known.items():
            if self.safe and not is_family_safe(answer.text):
                continue
            question = replace(self.exchange.question, strength=place)
            heading = render.headings(question, self.exchange.concept)["steered"]
            timed = TimedAnswer(heading, answer.text, answer.tokens, ending=answer.ending, role="steered")
            shown = replace(self.exchange, question=question, answers=(self.exchange.answers[0], timed), tints=())
            pieces = render.panels(shown, [True, True], False, False, {"steered": self.before}, self.key)
            panels[f"{place:g}"] = pieces["steered"]
        return panels


def key(exchange: Exchange, before: str, safe: bool) -> str:
    """A name for a question at any strength, after this conversation and with this switch."""
    asked = replace(exchange.question, strength=0.0)
    return hashlib.sha256(repr((asked, exchange.model, before, safe)).encode()).hexdigest()[:24]


class Newest:
    """The newest questions whose neighbours a page may ask for.

    Args:
        answers: where those are known.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, Ahead] = OrderedDict()

    def keep(self, ahead: Ahead) -> None:
        with self._guard:
            self._kept[ahead.key] = ahead
            self._kept.move_to_end(ahead.key)
            if len(self._kept) > MOST_QUESTIONS:
                self._kept.popitem(last=False)

    def panels(self, key: str) -> dict[str, str]:
        """What is known by now, as ``Ahead.panels`` has it; empty for a question that is too old."""
        with self._guard:
            ahead = self._kept.get(key)
        try:
            return ahead.panels(self._answers) if ahead else {}
        except LineasError:  # the concept or the model is gone
            return {}


def offer(newest: Newest) -> None:
    """Let the page's script ask; it knows the key from the steered panel."""

    def ahead(key: str) -> dict:  # type: ignore[type-arg]
        """The steered panels that are known, by strength."""
        return newest.panels(key)

    api.endpoint(ahead, queue=False, api_visibility="undocumented")
