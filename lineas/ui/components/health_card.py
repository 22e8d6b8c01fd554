"""The health card of a concept as HTML: the verdict, why, and the few measures that people can read."""

from __future__ import annotations

from html import escape

from lineas.evaluation.health_card import HealthCard
from lineas.ui import text as ui_text

TONES = {"works": "good", "weak": "warn", "same": "warn", "breaks": "bad"}
MOST_WORDS, MOST_EXAMPLES = 8, 5


def health(text: str) -> str:
    """The card from the JSON in a map's file; nothing where there is none, or where the file's is of no known form."""
    try:
        return _card(HealthCard.from_json(text)) if text else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def _card(card: HealthCard) -> str:
    tiles = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in _measures(card))
    more, less = ([w.word for w in card.words if (w.z > 0) == up][:MOST_WORDS] for up in (True, False))
    first = f'<p class="ls-hint">{ui_text.HEALTH_FIRST_LOOK}</p>' if not card.final else ""
    return (
        f'<section class="ls-card ls-health {TONES[card.verdict]}"><header><h3 class="ls-card-title">{ui_text.INSIDE_HEALTH}</h3>'
        f'<span class="ls-verdict">{escape(card.title)}</span></header><p class="reason">{escape(card.reason)}</p>{first}'
        f'<dl class="ls-tiles">{tiles}</dl>{_words(ui_text.HEALTH_MORE, more)}{_words(ui_text.HEALTH_LESS, less)}'
        f"{_wrong_way(card)}</section>"
    )


def _measures(card: HealthCard) -> list[tuple[str, str]]:
    measures = [(ui_text.FACT_STRENGTH, f"{card.recommended_strength:g}")]
    plain, steered = card.answers_of("plain"), card.answers_of("steered")
    if plain and steered:
        if plain.score and steered.score:
            scores = ui_text.from_to(f"{plain.score.mean:.0%}", f"{steered.score.mean:.0%}")
            measures.append((ui_text.HEALTH_SCORE, scores))
        if plain.perplexity and steered.perplexity:
            measures.append(
                (ui_text.HEALTH_SURPRISE, ui_text.from_to(f"{plain.perplexity:.3g}", f"{steered.perplexity:.3g}"))
            )
        repeats = ui_text.from_to(f"{plain.statistics.repetition:.0%}", f"{steered.statistics.repetition:.0%}")
        measures.append((ui_text.HEALTH_REPEATS, repeats))
    if card.held_out:
        measures.append((ui_text.HEALTH_NEW, ui_text.YES if card.held_out.carries_over else ui_text.NO))
    return measures


def _words(title: str, found: list[str]) -> str:
    chips = "".join(f'<span class="ls-word" dir="auto">{escape(word)}</span>' for word in found)
    return f'<p class="ls-words"><b>{escape(title)}</b> {chips}</p>' if chips else ""


def _wrong_way(card: HealthCard) -> str:
    lines = "".join(f'<li dir="auto">{escape(text)}</li>' for text in card.wrong_way[:MOST_EXAMPLES])
    return f"<details><summary>{escape(ui_text.HEALTH_WRONG)}</summary><ul>{lines}</ul></details>" if lines else ""
