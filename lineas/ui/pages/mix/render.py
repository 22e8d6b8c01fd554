"""A mix in values and as HTML: which concepts take part, what they do layer by layer, and who is heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lineas.evaluation.advice import MIN_FLUENCY, keeps_to_the_question, repeats_itself
from lineas.service.answering import MIX_TOKENS
from lineas.ui import text as ui_text
from lineas.ui import view_state
from lineas.ui.components import html

if TYPE_CHECKING:
    from lineas.evaluation.mix_report import Heard, MixReport, NoJudge
    from lineas.generation.listener import Answer
    from lineas.steering.overlap import Overlap
    from lineas.storage import Concept

SLOTS = 4
Parts = list[tuple[str, float]]
"""Concept ids with their strengths, in the order in which they are applied."""


def chosen(slots: Sequence[Any]) -> Parts:
    """The concepts that take part, from the values of ``MixPage.slots``: all ids, then all strengths."""
    return [(i, float(at)) for i, at in zip(slots[:SLOTS], slots[SLOTS:], strict=True) if i and at]


def names(parts: Parts, concepts: Sequence[Concept]) -> list[str]:
    """The parts' names; the id of a concept that no longer exists."""
    return [concept.name if (concept := view_state.find_concept(concepts, i)) else i for i, _ in parts]


def overlap(names: Sequence[str], pairs: Mapping[tuple[int, int], Overlap]) -> str:
    """What the concepts of a mix do, as a heat map, and how to read it.

    Args:
        pairs: the overlap of every two concepts, by their places in ``names``.
    """
    rows = [(ui_text.MIX_PAIR.format(first=names[i], second=names[j]), found) for (i, j), found in pairs.items()]
    return overlap_map(rows) + html.hint(ui_text.MIX_OVERLAP_EXPLAINED)


def overlap_map(rows: Sequence[tuple[str, Overlap]]) -> str:
    """A heat map. Each row is a pair: its name, the cosine of all layers together, and the cosine at every layer."""
    lines = "".join(
        f'<div class="pair"><b>{escape(name)}</b>'
        f'<span class="whole">{ui_text.number(found.whole, "+.2f")}</span><span class="cells">'
        + "".join(_cell(cosine, layer) for layer, cosine in enumerate(found.sites.values(), 1))
        + "</span></div>"
        for name, found in rows
    )
    label = "; ".join(f"{name}: {ui_text.number(found.whole, '+.2f')}" for name, found in rows)
    low, high = ui_text.MIX_SCALE
    ends = "".join(f"<span>{end}</span>" for end in ui_text.MIX_ENDS)
    scale = "".join(_cell(at / 4) for at in range(-4, 5))
    return (
        f'<div class="ls-overlap"><div role="img" aria-label="{escape(label)}">{lines}</div>'
        f'<p class="ends" aria-hidden="true"><span>{ends}</span></p><p class="scale" aria-hidden="true">'
        f'<span>{low}</span><span class="cells">{scale}</span><span>{high}</span></p></div>'
    )


def answering(answers: Sequence[Answer]) -> str:
    """How far the answers are that a mix will be judged by; nothing is known before the first tokens."""
    if not answers:
        return html.bar(None, ui_text.MIX_HEARD_TITLE)
    fraction = sum(1.0 if answer.done else answer.tokens / MIX_TOKENS for answer in answers) / len(answers)
    return html.bar(fraction, ui_text.MIX_HEARD_TITLE) + html.hint(ui_text.mix_answering(len(answers), fraction))


def heard(parts: Parts, names: Sequence[str], report: MixReport, prompts: Sequence[str], texts: Sequence[str]) -> str:
    """Who is heard in a mix: a verdict, the judges' scores, and the mix's answers.

    Args:
        texts: the mix's answer to each prompt.
    """
    judged = list(zip(names, report.concepts, strict=True))
    levels = [(name, one.level) for name, one in judged if not isinstance(one, str)]
    reads = ui_text.mix_reads(
        report.text.fluency >= MIN_FLUENCY, repeats_itself(report.text), keeps_to_the_question(report.text)
    )
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{escape(name)} · {ui_text.number(strength)}</th>{_scores(found)}</tr>'
        for (name, found), (_, strength) in zip(judged, parts, strict=True)
    )
    head = "".join(f'<th scope="col">{column}</th>' for column in ui_text.MIX_HEARD_COLUMNS)
    answers = "".join(
        f'<dt dir="auto">{escape(prompt)}</dt><dd dir="auto">{escape(text or ui_text.NOTHING_SAID)}</dd>'
        for prompt, text in zip(prompts, texts, strict=True)
    )
    return (
        f"{html.verdict(ui_text.mix_heard(levels))}{html.hint(reads)}"
        f'<div class="ls-wide"><table class="ls-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"{html.hint(ui_text.MIX_HEARD_EXPLAINED)}"
        f"<details><summary>{ui_text.MIX_HEARD_ANSWERS}</summary><dl>{answers}</dl></details>"
    )


def _scores(found: Heard | NoJudge) -> str:
    if isinstance(found, str):
        return f'<td colspan="3">{ui_text.MIX_NO_JUDGE[found]}</td>'
    rises = (0.0, found.alone.mean, found.mixed.mean)
    return "".join(f"<td>{ui_text.percent(found.plain + rise)}</td>" for rise in rises)


def _cell(cosine: float, layer: int | None = None) -> str:
    # most cosines are small, so the colour is full at one half already
    side, share = ("against" if cosine < 0 else "with"), min(1.0, 2 * abs(cosine))
    title = f' title="{ui_text.mix_cell(layer, cosine)}"' if layer else ""
    return f'<i class="{side}" style="--c:{share:.0%}"{title}></i>'
