"""Answers for pages and servers: plain and steered, at many strengths, with a mix; and measures of their quality."""

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from lineas.errors import LineasError
from lineas.service.answer_stream import AnswerStream
from lineas.service.comparing import Comparing
from lineas.service.model_slot import ModelSlot
from lineas.service.shared_batches import Request, SharedBatches
from lineas.storage import ConceptStore

if TYPE_CHECKING:  # these import torch, and the page must be up before that
    from lineas.evaluation.advice import StrengthReport
    from lineas.evaluation.metrics.judge import Judge
    from lineas.evaluation.mix_report import MixReport, NoJudge
    from lineas.generation.listener import Answer
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap
    from lineas.steering.overlap import Overlap

Result = TypeVar("Result")
MIX_QUESTIONS, MIX_TOKENS = 6, 48
"""Number of neutral questions by which a mix is judged, and the maximum length of their answers."""


class Answers(Comparing):
    """Answers from the model in ``model_slot`` with the concepts of ``concept_store``: comparisons, and all others.

    Every stream ends after the current token when ``stop`` is set or it is closed. Every method raises LineasError at once if there
    is no model, no such concept, or the concept was made for another model; other errors are raised while the stream is read.

    Args:
        changed: called whenever ``count`` changes.

    Attributes:
        count: number of answers being written.
    """

    def __init__(self, model_slot: ModelSlot, concept_store: ConceptStore, changed: Callable[[], None]) -> None:
        super().__init__(model_slot, concept_store, changed)
        self._judges: dict[str, Judge] = {}
        self._batches = SharedBatches(self._add, model_slot.lose)

    def at_strengths(
        self,
        prompts: Sequence[str],
        concept_id: str,
        strengths: Sequence[float],
        sampling: "Sampling",
        *,
        stop: threading.Event,
    ) -> AnswerStream:
        """Answer every prompt at every strength in one batch: all strengths of the first prompt, then of the second …"""
        from lineas.generation.prompts import Row

        steering_map = self._map(concept_id)
        rows = [Row(steering_map, strength) for strength in strengths]
        repeated = [prompt for prompt in prompts for _ in rows]
        return self._stream(repeated, rows * len(prompts), sampling, stop, [steering_map])

    def compare_mix(
        self, prompt: str, parts: Sequence[tuple[str, float]], sampling: "Sampling", *, stop: threading.Event
    ) -> AnswerStream:
        """Answer a prompt side by side: row 0 plain, row 1 with a mix, as ``ConceptStore.mix`` would save it."""
        from lineas.generation.prompts import Row

        mixed = self._concept_store.mixed(parts)
        return self._stream(prompt, [Row(None, 0.0), Row(mixed, 1.0)], sampling, stop, [mixed])

    def submit(
        self,
        wanted: "Sequence[tuple[str, Row, Sampling]]",
        tell: "Callable[[int, Answer | LineasError], None]",
        *,
        growing: bool = False,
    ) -> "tuple[list[Request], str | None]":
        """Ask for answers that may share a batch with what others ask for; each text is the one it would be alone.

        Args:
            wanted: each answer's prompt, row and settings.
            tell: called, from any thread, with an answer's number and its complete answer or its failure.
            growing: tell also what there is of each answer, again and again.

        Returns:
            The requests, which are in line now, and a warning as ``AnswerStream`` has it.

        Raises:
            LineasError: also for an empty or too long prompt.
            queue.Full: too many requests wait already.
        """
        from lineas.generation.prompts import tokenize
        from lineas.steering.hooks import check_fits

        model = self._model_slot.ready()
        warnings = [check_fits(model, row.map) for _, row, _ in wanted if row.map is not None]
        requests = [
            Request(model, tokenize(model, prompt, row, sampling), prompt, row, sampling, partial(tell, i), growing)
            for i, (prompt, row, sampling) in enumerate(wanted)
        ]
        self._batches.submit(requests)
        return requests, next(filter(None, warnings), None)

    def mix_prompts(self) -> tuple[str, ...]:
        """The neutral prompts by which a mix is judged."""
        from lineas.evaluation.metrics.effect import neutral_prompts

        return neutral_prompts(self._model_slot.ready())[:MIX_QUESTIONS]

    def mix_beside_parts(self, parts: Sequence[tuple[str, float]], *, stop: threading.Event) -> AnswerStream:
        """Answer each of ``mix_prompts`` plain, with a mix, and with each of its concepts alone; all rows of the first prompt, then
        of the second …"""
        from lineas.evaluation.metrics.effect import EVAL_SAMPLING
        from lineas.generation.prompts import Row

        prompts, mixed = self.mix_prompts(), self._concept_store.mixed(parts)
        rows = [Row(), Row(mixed, 1.0), *(Row(self._map(concept_id), strength) for concept_id, strength in parts)]
        repeated = [prompt for prompt in prompts for _ in rows]
        sampling = replace(EVAL_SAMPLING, max_new_tokens=MIX_TOKENS)
        return self._stream(repeated, rows * len(prompts), sampling, stop, [mixed])

    def mix_report(
        self, concept_ids: Sequence[str], texts: Sequence[Sequence[str]], *, stop: threading.Event
    ) -> "MixReport | None":
        """Say who is heard in a mix, from its answers; takes seconds, and the judges' download if it was not made yet.

        Args:
            concept_ids: of the mix, in its order.
            texts: [row][prompt], the rows as ``mix_beside_parts`` answers.

        Returns:
            None if stopped.
        """
        from lineas.evaluation.mix_report import measure_mix

        model = self._model_slot.ready()
        with self._counted():
            try:
                judges = [self._judge(concept_id, stop) for concept_id in concept_ids]
            except LineasError:
                if stop.is_set():
                    return None
                raise
            return _finish(model, measure_mix(model, self.mix_prompts(), texts, judges), stop)

    def overlaps(self, parts: Sequence[tuple[str, float]]) -> "dict[tuple[int, int], Overlap]":
        """The overlap of every two concepts of a mix, by their indices."""
        from lineas.steering.overlap import overlap

        self._concept_store.mixed(parts)  # raises for concepts that cannot be mixed
        maps = [self._map(concept_id) for concept_id, _ in parts]
        return {(i, j): overlap(maps[i], maps[j]) for j in range(len(maps)) for i in range(j)}

    def strength_report(
        self,
        concept_id: str,
        strengths: Sequence[float],
        prompts: Sequence[str],
        texts: Sequence[Sequence[str]],
        *,
        stop: threading.Event,
    ) -> "StrengthReport | None":
        """Measure answers [strength][prompt], the plain model's first. Takes seconds; None if stopped.

        The judge is used if it is on this computer and the concept's examples are known.
        """
        from lineas.evaluation.metrics.embeddings import NAME
        from lineas.evaluation.strength_sweep import measure_sweep
        from lineas.files import models_folder

        model = self._model_slot.ready()
        with self._counted():
            # nothing is downloaded for it
            judge = self._judge(concept_id, stop) if (models_folder() / NAME).is_dir() else "unknown"
            score = None if isinstance(judge, str) else judge
            return _finish(model, measure_sweep(model, strengths, prompts, texts, score), stop)

    def _stream(
        self,
        prompt: str | Sequence[str],
        rows: "Sequence[Row]",
        sampling: "Sampling",
        stop: threading.Event,
        maps: "Sequence[SteeringMap]",
    ) -> AnswerStream:
        from lineas.generation.streaming import stream
        from lineas.steering.hooks import check_fits

        model = self._model_slot.ready()
        warnings = [warning for m in maps if (warning := check_fits(model, m))]

        def decode() -> "Generator[list[Answer], None, None]":
            with self._counted():
                yield from stream(model, prompt, rows, sampling, stop=stop, spare_core=True)

        return AnswerStream(warnings[0] if warnings else None, decode())

    def _judge(self, concept_id: str, stop: threading.Event) -> "Judge | NoJudge":
        """The judge of a concept, or why it has none. Its language model is downloaded at first use.

        Raises:
            LineasError: the download failed, or ``stop`` was set meanwhile.
        """
        from lineas.evaluation.metrics.embeddings import load_minilm
        from lineas.evaluation.metrics.judge import MIN_SENTENCES, train_judge

        def raise_if_stopped(sentence: str, fraction: float | None = None) -> None:
            if stop.is_set():
                raise LineasError("The download was stopped.")

        if concept_id not in self._judges:
            examples = self._concept_store.examples(concept_id)
            if not examples:
                return "unknown"
            if min(map(len, examples)) < MIN_SENTENCES:
                return "few"
            self._judges[concept_id] = train_judge(*examples, load_minilm(raise_if_stopped))
        judge = self._judges[concept_id]
        return judge if judge.reliable else "alike"


def _finish(model: "LoadedModel", work: "Generator[Any, None, Result]", stop: threading.Event) -> "Result | None":
    """Run a generator to its end, with the model's lock for each step; returns its result, or None if stopped."""
    while not stop.is_set():
        try:
            with model.lock:
                next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
    return None
