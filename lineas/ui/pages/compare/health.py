"""What is known about the chosen concept, in one line: does it work, and at which strength."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lineas.evaluation.health_card import HealthCard
from lineas.ui import text as ui_text
from lineas.ui.components import health_card as health_view

if TYPE_CHECKING:
    from lineas.service.snapshot import RunState
    from lineas.storage import Concept


def line(concept: Concept | None, run: RunState | None) -> str:
    """``run``: what is being taught or examined, perhaps this very concept."""
    if concept is None:
        return ""
    head = _verdict(concept)
    if run is not None and run.checking and concept.id == f"run:{run.id}":
        percent = f"{100 * run.checked:.0f}"
        head += (
            f'<span class="ls-examining"><span class="ls-bar" role="progressbar" aria-valuenow="{percent}" '
            f'aria-valuemin="0" aria-valuemax="100"><span style="width:{percent}%"></span></span>{escape(run.checking)}</span>'
        )
    at = concept.recommended_strength
    best = (
        ""
        if not concept.strength_known
        else (
            f'<span class="best">{ui_text.recommended_at(at)} <button type="button" class="ls-copy" data-use="{at:g}">'
            f"{ui_text.HEALTH_USE}</button></span>"
        )
    )
    whole = health_view.health(concept.health)
    more = f"<details><summary>{ui_text.HEALTH_MORE_ABOUT}</summary>{whole}</details>" if whole else ""
    return f'<div class="ls-health-line">{head}{best}{more}</div>'


def _verdict(concept: Concept) -> str:
    """The card's verdict; without a card what the concept is about."""
    about = f'<span class="reason" dir="auto">{escape(concept.note or ui_text.HEALTH_NONE)}</span>'
    if not concept.health:
        return about
    try:
        card = HealthCard.from_json(concept.health)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return about
    title = card.title[:1].upper() + card.title[1:]
    # why it works can wait; why it does not is what to know
    reason = f'<span class="reason">{escape(card.reason)}</span>' if card.verdict != "works" else ""
    return f'<span class="ls-verdict {health_view.TONES[card.verdict]}">{escape(title)}</span>{reason}'
