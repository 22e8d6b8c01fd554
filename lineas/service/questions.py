"""What the model can be asked, and what its answers are worth: plain and steered, at many strengths, with a mix."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lineas.models.fair_lock import FairLock
from lineas.service.answering import Answering, Comparison
from lineas.service.model_slot import ModelHolder
from lineas.storage import Library

if TYPE_CHECKING:
    from lineas.evaluation.metrics.judge import Judge
    from lineas.evaluation.strength_sweep import StrengthReport
    from lineas.generation.generate import Row, Sampling
    from lineas.steering.map import SteeringMap


class Questions:
    """Answers in the background, from the model in ``models`` with the concepts of ``library``.

    What a method returns is to be iterated; it ends after the present token when ``stop`` is set or it is closed. Every method
    raises LineasError at once for no model, an unknown concept or one of another model; the iteration does for the rest.
    """

    def __init__(self, models: ModelHolder, library: Library, answering: Answering, lock: FairLock) -> None:
        self._models = models
        self._library = library
        self._answering = answering
        self._lock = lock
        self._judges: dict[str, Judge] = {}

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
    ) -> Comparison:
        """Answers one prompt side by side: row 0 plain, row 1 steered (only with a concept), then the extra rows.

        Args:
            system: a system prompt for row 0 and row 1.
        """
        from lineas.generation.generate import Row

        rows, maps = [Row(None, 0.0, system)], []
        if concept_id is not None:
            maps = [self._map(concept_id)]
            rows.append(Row(maps[0], strength, system))
        return self._ask(prompt, [*rows, *extra_rows], sampling, stop, maps)

    def at_strengths(
        self,
        prompts: Sequence[str],
        concept_id: str,
        strengths: Sequence[float],
        sampling: "Sampling",
        *,
        stop: threading.Event,
    ) -> Comparison:
        """Answers every prompt at every strength, all in one batch: first the first prompt's answers, then the second's …"""
        from lineas.generation.generate import Row

        steering_map = self._map(concept_id)
        rows = [Row(steering_map, strength) for strength in strengths]
        asked = [prompt for prompt in prompts for _ in rows]
        return self._ask(asked, rows * len(prompts), sampling, stop, [steering_map])

    def compare_mix(
        self, prompt: str, parts: Sequence[tuple[str, float]], sampling: "Sampling", *, stop: threading.Event
    ) -> Comparison:
        """Answers a prompt side by side: row 0 plain, row 1 with a mix as ``Library.mix`` would keep it."""
        from lineas.generation.generate import Row

        mixed = self._library.mixed(parts)
        return self._ask(prompt, [Row(None, 0.0), Row(mixed, 1.0)], sampling, stop, [mixed])

    def strength_report(
        self, concept_id: str, strengths: Sequence[float], texts: Sequence[Sequence[str]], *, stop: threading.Event
    ) -> "StrengthReport | None":
        """Effect and fluency of answers, [strength][prompt], the plain model's first. Takes seconds; None when stopped.

        The judge gives its opinion where it is on this computer and the concept's examples are known.
        """
        from lineas.evaluation.strength_sweep import measure

        model = self._models.ready()
        with self._answering.working():
            work = measure(model, strengths, texts, self._judge(concept_id))
            while not stop.is_set():
                try:
                    with self._lock:
                        next(work)
                except StopIteration as end:
                    report: StrengthReport = end.value
                    return report
        return None

    def _ask(
        self,
        prompt: str | Sequence[str],
        rows: "Sequence[Row]",
        sampling: "Sampling",
        stop: threading.Event,
        maps: "Sequence[SteeringMap]",
    ) -> Comparison:
        from lineas.steering.hooks import check_fits

        model = self._models.ready()
        warnings = [warning for m in maps if (warning := check_fits(model, m))]
        return Comparison(
            warnings[0] if warnings else None, self._answering.stream(model, prompt, rows, sampling, stop)
        )

    def _map(self, concept_id: str) -> "SteeringMap":
        self._models.ready()  # that there is no model comes before what is wrong with a concept
        return self._library.load(self._library.find(concept_id))

    def _judge(self, concept_id: str) -> "Judge | None":
        from lineas.evaluation.metrics.embeddings import NAME, load_minilm
        from lineas.evaluation.metrics.judge import FEWEST, train_judge
        from lineas.files import models_folder

        if concept_id not in self._judges:
            examples = self._library.examples(concept_id)
            # never a download in the middle of an answer
            if not examples or min(map(len, examples)) < FEWEST or not (models_folder() / NAME).is_dir():
                return None
            self._judges[concept_id] = train_judge(*examples, load_minilm())
        judge = self._judges[concept_id]
        return judge if judge.reliable else None
