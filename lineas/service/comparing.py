"""Side-by-side answers to one question: what was answered lately is remembered, and what may be asked next is decoded ahead."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from lineas.errors import LineasError, describe, device_lost
from lineas.service.answer_memory import AnswerMemory
from lineas.service.answer_stream import AnswerStream
from lineas.service.look_ahead import LookAhead
from lineas.service.model_slot import ModelSlot
from lineas.storage import ConceptStore

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.generation.listener import Answer
    from lineas.generation.prompts import Mode, Row, Turn
    from lineas.generation.sampling import Sampling
    from lineas.generation.word_tints import TintedText
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap


@dataclass(frozen=True)
class Comparison:
    """One question to several rows: row 0 plain, row 1 with the concept (if there is one), then the extra rows.

    Attributes:
        system: a system prompt for row 0 and row 1.
        mode, instruction: how the concept reaches the model in row 1, as ``concept_row`` takes them.
        earlier: the conversation before the prompt, one for each row; empty for none.
    """

    prompt: str
    concept_id: str | None
    strength: float
    sampling: "Sampling"
    system: str | None = None
    extra_rows: "Sequence[Row]" = ()
    mode: "Mode" = "show"
    instruction: str = ""
    earlier: "Sequence[tuple[Turn, ...]]" = ()

    def rows(self, steering: "SteeringMap | None") -> "list[Row]":
        """The rows, where the concept's map is ``steering``."""
        from lineas.generation.prompts import Row, concept_row

        rows = [Row(None, 0.0, self.system)]
        if steering is not None:
            rows.append(concept_row(steering, self.strength, self.mode, self.instruction, self.system))
        rows += self.extra_rows
        earlier = self.earlier or [()] * len(rows)
        return [replace(row, earlier=before) for row, before in zip(rows, earlier, strict=True)]


class Comparing:
    """Answers to comparisons from the model in ``model_slot``; see ``Answers``, which has all others.

    Attributes:
        count: number of answers being written.
        ahead: what is decoded before anybody asks for it.
    """

    def __init__(self, model_slot: ModelSlot, concept_store: ConceptStore, changed: Callable[[], None]) -> None:
        self._model_slot = model_slot
        self._concept_store = concept_store
        self._changed = changed
        self._counting = threading.Condition()
        self._memories: WeakKeyDictionary[LoadedModel, AnswerMemory] = WeakKeyDictionary()
        self.ahead = LookAhead()
        self.count = 0

    def compare(
        self,
        prompt: str,
        concept_id: str | None,
        strength: float,
        sampling: "Sampling",
        *,
        stop: threading.Event,
        **more: Any,
    ) -> AnswerStream:
        """Answer one prompt side by side, as ``Comparison`` says, whose other fields are ``more``."""
        return self.answer(Comparison(prompt, concept_id, strength, sampling, **more), stop)

    def answer(self, asked: Comparison, stop: threading.Event) -> AnswerStream:
        """Answer a comparison.

        What was answered lately is not decoded again: the plain answer beside a slider that moves, an answer that was stopped
        or may now be longer, and the strengths of ``look_ahead``.
        """
        from lineas.generation.streaming import stream
        from lineas.steering.hooks import check_fits

        model, memory, rows = self._prepared(asked)
        warnings = [warning for row in rows if row.map is not None and (warning := check_fits(model, row.map))]
        known = [memory.recall(model, asked.prompt, row, asked.sampling) for row in rows]
        missing = [i for i, answer in enumerate(known) if not answer.done]

        def decode() -> "Generator[list[Answer], None, None]":
            answers = list(known)
            if not missing:
                yield answers
                return
            begun = [replace(rows[i], begun=known[i].ids) for i in missing]
            with self._counted():
                try:
                    for news in stream(model, asked.prompt, begun, asked.sampling, stop=stop, spare_core=True):
                        for i, answer in zip(missing, news, strict=True):
                            answers[i] = answer
                        yield list(answers)
                finally:  # also what was stopped: it goes on from there when it is asked again
                    for i in missing:
                        memory.keep(asked.prompt, rows[i], asked.sampling, answers[i])

        has_begun = any(answer.text for answer in known)
        return AnswerStream(warnings[0] if warnings else None, decode(), known if has_begun else [])

    def look_ahead(self, asked: Comparison, *places: Sequence[float]) -> None:
        """Decode the concept's answers at some strengths while nothing else waits for the model; return at once.

        ``answer`` then has them, or as much as there is of them.

        Args:
            places: the strengths of each batch, one batch after the other.
        """
        model, memory, _ = self._prepared(asked)

        def missing(strengths: Sequence[float]) -> "list[Row]":
            rows = [self._prepared(replace(asked, strength=strength))[2][1] for strength in strengths]
            known = [memory.recall(model, asked.prompt, row, asked.sampling) for row in rows]
            return [replace(row, begun=so_far.ids) for row, so_far in zip(rows, known, strict=True) if not so_far.done]

        def keep(rows: "Sequence[Row]", answers: "Sequence[Answer]") -> None:
            for row, answer in zip(rows, answers, strict=True):
                memory.keep(asked.prompt, row, asked.sampling, answer)

        if batches := [rows for strengths in places if (rows := missing(strengths))]:
            self.ahead.begin(model, asked.prompt, batches, asked.sampling, keep)

    def known(self, asked: Comparison, strengths: Sequence[float]) -> "dict[float, Answer]":
        """The concept's whole answers at those of these strengths where they were decoded, now or lately."""
        model, memory, _ = self._prepared(asked)
        rows = [self._prepared(replace(asked, strength=strength))[2][1] for strength in strengths]
        answers = [memory.recall(model, asked.prompt, row, asked.sampling) for row in rows]
        return {strength: answer for strength, answer in zip(strengths, answers, strict=True) if answer.done}

    def word_tints(self, asked: Comparison, answers: "Sequence[Sequence[int]]") -> "list[list[TintedText]]":
        """How much likelier the concept makes each token of the plain and the steered answer, in one pass over both.

        Args:
            answers: what was decoded for row 0 and row 1 (``Answer.ids``).
        """
        from lineas.generation.word_tints import tint

        model, _, rows = self._prepared(asked)
        with self._counted(), model.lock:
            return tint(model, asked.prompt, rows[:2], answers[:2], asked.sampling)

    def _prepared(self, asked: Comparison) -> "tuple[LoadedModel, AnswerMemory, list[Row]]":
        model = self._model_slot.ready()
        steering = self._map(asked.concept_id) if asked.concept_id is not None else None
        return model, self._memories.setdefault(model, AnswerMemory()), asked.rows(steering)

    def wait_until_idle(self, timeout: float = 60.0) -> None:
        """Return when no answer is being written. What is decoded ahead is stopped."""
        self.ahead.stop(wait=True)
        with self._counting:
            self._counting.wait_for(lambda: self.count == 0, timeout)

    @contextmanager
    def using_model(self) -> "Iterator[LoadedModel]":
        """Use the model in this context for more than one answer; it is counted, and fails, as one."""
        model = self._model_slot.ready()
        with self._counted():
            yield model

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count an answer in this context, so that nobody removes the model, and turn every error into a LineasError."""
        self.ahead.stop()
        self._add(1)
        try:
            yield
        except LineasError:
            raise
        except Exception as error:
            if device_lost(error):
                self._model_slot.lose()
            raise LineasError(describe(error)) from error
        finally:
            self._add(-1)

    def _add(self, change: int) -> None:
        with self._counting:
            self.count += change
            self._counting.notify_all()
        self._changed()

    def _map(self, concept_id: str) -> "SteeringMap":
        self._model_slot.ready()  # a missing model is reported before a problem with the concept
        return self._concept_store.load(self._concept_store.find(concept_id))
