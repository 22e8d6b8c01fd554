"""One roll of a question's answers on Compare: what is shown while they grow, which words are tinted, and what is decoded ahead."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import gradio as gr

from lineas.service.family_safe import is_family_safe
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.events import Updates
from lineas.ui.pages.compare import ahead, render
from lineas.ui.pages.compare.conversation import Talk, histories
from lineas.ui.pages.compare.layout import ComparePage, can_go_on
from lineas.ui.pages.compare.record import Exchange, TimedAnswer, timestamp

if TYPE_CHECKING:
    from lineas.generation.listener import Answer
    from lineas.service.answer_stream import AnswerStream


class AnswerTimer:
    """Measures how long each answer takes, from the first token on."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._ended: list[float | None] = []

    def timed(self, headings: Mapping[str, str], answers: Sequence[Answer]) -> tuple[TimedAnswer, ...]:
        """The answers with their seconds until now, or until they were complete. ``headings``: by role."""
        moment = time.monotonic()
        self._began = self._began or moment
        self._ended = self._ended or [None] * len(answers)
        self._ended = [end or (moment if a.done else None) for end, a in zip(self._ended, answers, strict=True)]
        return tuple(
            TimedAnswer(
                heading, answer.text, answer.tokens, (end or moment) - self._began, answer.ending, answer.ids, role
            )
            for (role, heading), answer, end in zip(headings.items(), answers, self._ended, strict=True)
        )


class Roll:
    """One try at answering a question; ``hidden`` if an answer was not family-safe, which is then not shown."""

    def __init__(
        self,
        ctx: Context,
        page: ComparePage,
        newest: ahead.Newest,
        exchange: Exchange,
        tints: bool,
        safe: bool,
        talk: Talk | None,
    ) -> None:
        self._newest = newest
        self.ctx, self.page, self.exchange, self.tints, self.safe, self.talk = ctx, page, exchange, tints, safe, talk
        self.hidden = False
        self._stop = Event()
        self._timer = AnswerTimer()
        roles = render.headings(exchange.question, exchange.concept)
        earlier = histories(talk.turns, roles) if talk else ()
        self.asked = exchange.question.comparison(earlier)
        self._before = (
            render.earlier(talk.turns, "steered", exchange.question.prompt, talk.editing) if talk is not None else ""
        )
        self._key = ahead.key(exchange, self._before, safe)

    def start(self, stop: Event) -> AnswerStream:
        self._stop = stop
        return self.ctx.service.answers.answer(self.asked, stop)

    def show(self, answers: Sequence[Answer], streaming: bool) -> Updates:
        exchange, page = self.exchange, self.page
        headings = render.headings(exchange.question, exchange.concept)
        if self.safe and not all(is_family_safe(answer.text) for answer in answers):
            self.hidden = True
            self._stop.set()
        if self.hidden:
            hidden = [TimedAnswer(heading, ui_text.FAMILY_HIDDEN, role=role) for role, heading in headings.items()]
            exchange = replace(exchange, answers=tuple(hidden))
            return page.show_exchange(exchange, [True] * len(hidden), True, False, self.talk)
        if not streaming:
            return self._complete(answers)
        if self.safe:  # a word is shown when it is complete, and known to be harmless
            answers = [a if a.done else replace(a, text=a.text.rpartition(" ")[0]) for a in answers]
        if answers:
            self.exchange = replace(exchange, answers=self._timer.timed(headings, answers))
        return page.show_exchange(self.exchange, [a.done for a in answers], True, self.tints, self.talk, self._key)

    def _complete(self, answers: Sequence[Answer]) -> Updates:
        self.exchange = replace(self.exchange, when=timestamp())
        page = self.page
        shown = page.show_exchange(self.exchange, [True] * len(answers), False, self.tints, self.talk, self._key)
        before = self.talk.turns if self.talk else ()
        if not self.exchange.answers:  # nothing to save or to continue, but what was said before in a conversation
            return {**shown, **page.keep(Talk(before)), page.go_on: gr.update(interactive=bool(before))}
        clear = gr.update(value=ui_text.NEW_CONVERSATION, visible=self.talk is not None)
        return {
            **shown,
            **page.keep(Talk((*before, self.exchange))),
            page.go_on: can_go_on(self.exchange),
            page.clear: clear,
        }

    def measure(self, answers: Sequence[Answer], stop: Event) -> Iterator[Updates]:
        """Tint the words where that is wanted, and decode what the slider may ask next."""
        if self.hidden or stop.is_set():
            return
        if answers:
            headings = render.headings(self.exchange.question, self.exchange.concept)
            self.exchange = replace(self.exchange, answers=self._timer.timed(headings, answers))
        if self.tints:
            self.exchange = tinted(self.ctx, self.exchange, self.talk.turns if self.talk else ())
        question = self.exchange.question
        if answers and question.concept and question.mode != "say":
            asked = replace(self.asked, extra_rows=(), earlier=self.asked.earlier[:2])
            places = ahead.neighbours(question.strength), ahead.buttons(question.strength)
            self.ctx.service.answers.look_ahead(asked, *places)
            self._newest.keep(ahead.Ahead(self._key, asked, self.exchange, self._before, self.safe))
        yield from ()


def tinted(ctx: Context, exchange: Exchange, before: Sequence[Exchange]) -> Exchange:
    """The exchange with the tints of its words, computed where they are not there yet."""
    answers = exchange.answers[:2]
    if exchange.tints or not exchange.concept or not all(answer.ids for answer in answers):
        return exchange
    roles = render.headings(exchange.question, exchange.concept)
    asked = exchange.question.comparison(histories(before, roles) if before else ())
    found = ctx.service.answers.word_tints(asked, [answer.ids for answer in answers])
    # what the model said after the end of its answer is not shown
    shown = [
        _shown([(piece.text, piece.ratio) for piece in pieces], len(answer.text))
        for pieces, answer in zip(found, answers, strict=True)
    ]
    return replace(exchange, tints=tuple(shown))


def _shown(pieces: Sequence[tuple[str, float]], length: int) -> tuple[tuple[str, float], ...]:
    kept = []
    for text, ratio in pieces:
        if length > 0:
            kept.append((text[:length], ratio))
            length -= len(text)
    return tuple(kept)
