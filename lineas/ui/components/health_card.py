"""The health of a concept as HTML: in one line, or as a card with the measures that are easy to understand."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lineas.evaluation.health_card import HealthCard
from lineas.ui import text as ui_text
from lineas.ui.components import html

if TYPE_CHECKING:
    from lineas.service.snapshot import RunState
    from lineas.storage import Concept

TONES = {"works": "good", "repeats": "warn", "forgets": "warn", "weak": "warn", "same": "warn", "breaks": "bad"}
MOST_WORDS, MOST_EXAMPLES = 8, 5


def read_card(text: str) -> HealthCard | None:
    """The card from the JSON in a map's file; None for no card and for one that cannot be read, since files hold anything."""
    try:
        return HealthCard.from_json(text) if text else None
    except ValueError:
        return None


def health(text: str) -> str:
    """The card as HTML from its JSON; empty where there is none."""
    return _card(card) if (card := read_card(text)) else ""


def line(concept: Concept | None, run: RunState | None) -> str:
    """What is known about a concept, in one line: whether it works, and at which strength.

    Args:
        run: what is being taught or checked now, perhaps this very concept.
    """
    if concept is None:
        return ""
    checking = best = ""
    if run is not None and run.checking and concept.id == f"run:{run.id}":
        checking = (
            f'<span class="ls-examining">{html.bar(run.checked)}{escape(ui_text.from_library(run.checking))}</span>'
        )
    if concept.strength_known:
        at = concept.recommended_strength
        use = html.strength_button(ui_text.HEALTH_USE, at)
        best = f'<span class="best">{ui_text.recommended_at(at, concept.mode == "both")} {use}</span>'
    card = health(concept.health)
    details = f"<details><summary>{ui_text.HEALTH_DETAILS}</summary>{card}</details>" if card else ""
    verdict = _concept_verdict(concept, ui_text.HEALTH_NONE if not checking else "")
    return f'<div class="ls-health-line">{verdict}{checking}{best}{details}</div>'


def _concept_verdict(concept: Concept, unknown: str) -> str:
    """The card's verdict, with its reason if that is not good; without a card, what the concept is about, or ``unknown``."""
    if (card := read_card(concept.health)) is None:
        about = concept.note or unknown
        return f'<span class="reason" dir="auto">{escape(about)}</span>' if about else ""
    reason = (
        f'<span class="reason">{escape(ui_text.from_library(card.reason))}</span>' if card.verdict != "works" else ""
    )
    title = ui_text.VERDICTS[card.verdict]
    title = title[:1].upper() + title[1:]
    return f'<span class="ls-verdict {TONES[card.verdict]}">{escape(title)}</span>{reason}'


def _card(card: HealthCard) -> str:
    tiles = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in _measures(card))
    more, less = ([w.word for w in card.words if (w.z > 0) == up][:MOST_WORDS] for up in (True, False))
    title, reason = ui_text.VERDICTS[card.verdict], ui_text.from_library(card.reason)
    return (
        f'<section class="ls-card ls-health {TONES[card.verdict]}"><header>{html.card_title(ui_text.HEALTH)}'
        f'<span class="ls-verdict">{escape(title)}</span></header><p class="reason">{escape(reason)}</p>'
        f'<dl class="ls-tiles">{tiles}</dl>{_words(ui_text.HEALTH_MORE, more)}{_words(ui_text.HEALTH_LESS, less)}'
        f"{_samples(card)}{_wrong_way(card)}</section>"
    )


def _measures(card: HealthCard) -> list[tuple[str, str]]:
    told = ui_text.HEALTH_TOLD if card.mode == "both" else ""
    measures = [(ui_text.FACT_STRENGTH, f"{ui_text.number(card.recommended_strength)}{told}")]
    plain, steered = card.answers_of("plain"), card.answers_of("steered")
    if plain and steered:
        if plain.score and steered.score:
            scores = ui_text.from_to(ui_text.percent(plain.score.mean), ui_text.percent(steered.score.mean))
            measures.append((ui_text.HEALTH_SCORE, scores))
        if plain.relevance.mean > 0:
            kept = max(0.0, steered.relevance.mean / plain.relevance.mean)
            measures.append((ui_text.HEALTH_KEEPS, ui_text.percent(kept)))
        if plain.perplexity and steered.perplexity:
            surprise = ui_text.from_to(
                ui_text.number(plain.perplexity, ".3g"), ui_text.number(steered.perplexity, ".3g")
            )
            measures.append((ui_text.HEALTH_SURPRISE, surprise))
        repeats = [ui_text.percent(found.statistics.repetition) for found in (plain, steered)]
        measures.append((ui_text.HEALTH_REPEATS, ui_text.from_to(*repeats)))
    return measures


def _words(title: str, found: list[str]) -> str:
    chips = "".join(f'<span class="ls-word" dir="auto">{escape(word)}</span>' for word in found)
    return f'<p class="ls-words"><b>{escape(title)}</b> {chips}</p>' if chips else ""


def _samples(card: HealthCard) -> str:
    """Two questions with both answers, open from the start where the verdict is not good: it shows why."""
    lines = "".join(
        f'<dt dir="auto">{escape(sample.prompt)}</dt>'
        f'<dd dir="auto"><b>{ui_text.HEALTH_PLAIN}</b> {html.sample(sample.plain)}</dd>'
        f'<dd dir="auto"><b>{ui_text.HEALTH_STEERED}</b> {html.sample(sample.steered)}</dd>'
        for sample in card.samples
    )
    opened = "" if card.verdict == "works" else " open"
    return (
        f"<details{opened}><summary>{escape(ui_text.HEALTH_SAMPLES)}</summary><dl>{lines}</dl></details>"
        if lines
        else ""
    )


def _wrong_way(card: HealthCard) -> str:
    lines = "".join(f'<li dir="auto">{escape(text)}</li>' for text in card.wrong_way[:MOST_EXAMPLES])
    return f"<details><summary>{escape(ui_text.HEALTH_WRONG)}</summary><ul>{lines}</ul></details>" if lines else ""
