"""The one path from a page to ``generate``: plain and steered, at many strengths, with a mix; and what the answers are worth."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lineas.errors import LineasError, describe, device_lost
from lineas.service.model_slot import ModelSlot
from lineas.storage import ConceptStore

if TYPE_CHECKING:  # torch comes with them, and the page must be up before it is
    from lineas.evaluation.metrics.judge import Judge
    from lineas.evaluation.strength_sweep import StrengthReport
    from lineas.generation.listener import Answer
    from lineas.generation.prompts import Row
    from lineas.generation.sampling import Sampling
    from lineas.models.loaded import LoadedModel
    from lineas.steering.map import SteeringMap


@dataclass
class AnswerStream(Iterator["list[Answer]"]):
    """Answers as they grow, one list for each state; close it (or set its stop event) to end it early.

    Attributes:
        warning: a sentence where the concept was made on a model of the same shape but other weights.
    """

    warning: str | None
    _answers: "Generator[list[Answer], None, None]" = field(repr=False)

    def __next__(self) -> "list[Answer]":
        return next(self._answers)

    def close(self) -> None:
        self._answers.close()


class Answers:
    """Answers in the background, from the model in ``model_slot`` with the concepts of ``concept_store``.

    What a method returns is to be iterated; it ends after the present token when ``stop`` is set or it is closed. Every method
    raises LineasError at once for no model, an unknown concept or one of another model; the iteration does for the rest.

    Args:
        changed: called whenever ``count`` is another.

    Attributes:
        count: how many answers are being written now.
    """

    def __init__(self, model_slot: ModelSlot, concept_store: ConceptStore, changed: Callable[[], None]) -> None:
        self._model_slot = model_slot
        self._concept_store = concept_store
        self._changed = changed
        self._guard = threading.Lock()
        self._judges: dict[str, Judge] = {}
        self.count = 0

    def compare(
        self,
        prompt: str,
        concept_id: str | None,
        strength: float,
        sampling: "Sampling",
        *,
        stop: threading.Event,
        system: str | None = None,
        extra_rows: "Sequence[Row]" = (),
    ) -> AnswerStream:
        """Answer one prompt side by side: row 0 plain, row 1 steered (only with a concept), then the extra rows.

        Args:
            system: a system prompt for row 0 and row 1.
        """
        from lineas.generation.prompts import Row

        rows, maps = [Row(None, 0.0, system)], []
        if concept_id is not None:
            maps = [self._map(concept_id)]
            rows.append(Row(maps[0], strength, system))
        return self._stream(prompt, [*rows, *extra_rows], sampling, stop, maps)

    def at_strengths(
        self,
        prompts: Sequence[str],
        concept_id: str,
        strengths: Sequence[float],
        sampling: "Sampling",
        *,
        stop: threading.Event,
    ) -> AnswerStream:
        """Answer every prompt at every strength, all in one batch: first the first prompt's answers, then the second's …"""
        from lineas.generation.prompts import Row

        steering_map = self._map(concept_id)
        rows = [Row(steering_map, strength) for strength in strengths]
        asked = [prompt for prompt in prompts for _ in rows]
        return self._stream(asked, rows * len(prompts), sampling, stop, [steering_map])

    def compare_mix(
        self, prompt: str, parts: Sequence[tuple[str, float]], sampling: "Sampling", *, stop: threading.Event
    ) -> AnswerStream:
        """Answer a prompt side by side: row 0 plain, row 1 with a mix as ``ConceptStore.mix`` would keep it."""
        from lineas.generation.prompts import Row

        mixed = self._concept_store.mixed(parts)
        return self._stream(prompt, [Row(None, 0.0), Row(mixed, 1.0)], sampling, stop, [mixed])

    def strength_report(
        self, concept_id: str, strengths: Sequence[float], texts: Sequence[Sequence[str]], *, stop: threading.Event
    ) -> "StrengthReport | None":
        """Effect and fluency of answers, [strength][prompt], the plain model's first. Takes seconds; None when stopped.

        The judge gives its opinion where it is on this computer and the concept's examples are known.
        """
        from lineas.evaluation.strength_sweep import measure_sweep

        model = self._model_slot.ready()
        with self._working():
            work = measure_sweep(model, strengths, texts, self._judge(concept_id))
            while not stop.is_set():
                try:
                    with model.lock:
                        next(work)
                except StopIteration as end:
                    report: StrengthReport = end.value
                    return report
        return None

    def _stream(
        self,
        prompt: str | Sequence[str],
        rows: "Sequence[Row]",
        sampling: "Sampling",
        stop: threading.Event,
        maps: "Sequence[SteeringMap]",
    ) -> AnswerStream:
        from lineas.steering.hooks import check_fits

        model = self._model_slot.ready()
        warnings = [warning for m in maps if (warning := check_fits(model, m))]
        return AnswerStream(warnings[0] if warnings else None, self._decode(model, prompt, rows, sampling, stop))

    def _decode(
        self,
        model: "LoadedModel",
        prompt: str | Sequence[str],
        rows: "Sequence[Row]",
        sampling: "Sampling",
        stop: threading.Event,
    ) -> "Generator[list[Answer], None, None]":
        from lineas.generation.streaming import stream

        with self._working():
            yield from stream(model, prompt, rows, sampling, stop=stop, spare_core=True)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Count as an answer while it lasts, so that nobody takes the model away; every error leaves as a LineasError."""
        self._count(1)
        try:
            yield
        except LineasError:
            raise
        except Exception as error:
            if device_lost(error):
                self._model_slot.lose()
            raise LineasError(describe(error)) from error
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._guard:
            self.count += change
        self._changed()

    def _map(self, concept_id: str) -> "SteeringMap":
        self._model_slot.ready()  # that there is no model comes before what is wrong with a concept
        return self._concept_store.load(self._concept_store.find(concept_id))

    def _judge(self, concept_id: str) -> "Judge | None":
        from lineas.evaluation.metrics.embeddings import NAME, load_minilm
        from lineas.evaluation.metrics.judge import MIN_SENTENCES, train_judge
        from lineas.files import models_folder

        if concept_id not in self._judges:
            examples = self._concept_store.examples(concept_id)
            # never a download in the middle of an answer
            if not examples or min(map(len, examples)) < MIN_SENTENCES or not (models_folder() / NAME).is_dir():
                return None
            self._judges[concept_id] = train_judge(*examples, load_minilm())
        judge = self._judges[concept_id]
        return judge if judge.reliable else None
