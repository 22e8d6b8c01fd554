"""A workbench without a model: the same methods, words at a pace, a teaching of a second, and trouble on demand.

A test that has to see something half-way clears ``teaching`` or ``speaking``: then the next teaching halts at step 10, the
next answer at word 10, until it is set again, so that no test depends on how busy the machine is.

Trouble: a concept named ``fail …`` fails while it is taught; a prompt with the word ``memory`` ends in an error after some words.
"""

import itertools
import math
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

from fake_presets import PRESETS

from lineas.data.report import ExamplesReport, read_examples
from lineas.errors import LineasError
from lineas.evaluation.strength_sweep import StrengthPoint, StrengthReport
from lineas.generation.listener import Answer
from lineas.generation.sampling import Sampling
from lineas.models.hardware import GB, Room
from lineas.models.local import LocalModels
from lineas.service.snapshot import ModelState, RunState, Snapshot
from lineas.steering.overlap import Overlap
from lineas.storage import Concept, MetricPoint, Preview, RunRecord

HALT = 10
PLAIN = (
    "I had a calm morning. I read a little, answered some letters, and went for a walk along the river before lunch. "
    "In the afternoon I met an old friend and we talked about the books we had both been reading this winter."
).split()
STEERED = (
    "Arr, me day be grand! I hoisted the sails at dawn, matey, and plundered a fine breakfast from the galley before the "
    "wind turned. By noon the crew were singin', and we swapped tales of the seven seas over a barrel o' grog till sundown."
).split()
TOLD = "As a pirate, I had a calm morning, and then I went to the market like everybody else.".split()


@dataclass
class FakeComparison(Iterator[list[Answer]]):
    warning: str | None
    answers: Any

    def __next__(self) -> list[Answer]:
        return next(self.answers)

    def close(self) -> None:
        self.answers.close()  # and with it what it is made from


@dataclass
class FakeModels:
    """8 GB free on a processor, and the models of a home that is empty unless a test gives another."""

    local_models: LocalModels

    def room(self) -> Room:
        return Room("cpu", "float32", 8 * GB)


class FakeWorkbench:
    def __init__(self, *, step_seconds: float = 0.025, word_seconds: float = 0.015, loads: bool = True) -> None:
        self.step_seconds, self.word_seconds, self.loads = step_seconds, word_seconds, loads
        self.teaching, self.speaking = Event(), Event()
        self.teaching.set()
        self.speaking.set()
        self.own: list[Concept] = []
        self.cards: dict[str, str] = {}  # health cards as JSON, by the concept's id
        self.points: dict[str, list[MetricPoint]] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.answers = self
        self.model_slot = FakeModels(LocalModels(Path(tempfile.gettempdir()) / "no such home"))
        self._state = Snapshot(0, ModelState("default", "loading", "Loading the model …"), None, 0, False)
        self._changing = threading.Lock()
        self._ids = itertools.count(1)
        self._cancelled: set[str] = set()
        self._turn = threading.Lock()

    # what the studio sees -------------------------------------------------------------------------------------------
    @property
    def version(self) -> int:
        return self._state.version

    def start(self) -> None:
        if self.loads:
            self.model("ready")

    def close(self) -> None:
        self._cancelled.update(self.points)
        self.teaching.set()
        self.speaking.set()

    def snapshot(self) -> Snapshot:
        return self._state

    def load_model(self, name: str) -> None:
        self.calls.append(("load_model", name))
        self.show(model=ModelState(name, "loading", f"Loading {name} …"))

    def free_model(self) -> None:
        self.calls.append(("free_model",))
        self.show(model=ModelState())

    def teach(self, name: str, source_text: str, target_text: str, **settings: Any) -> str:
        self.calls.append(("teach", name, source_text, target_text, settings))
        report = self.examples_report(source_text, target_text)
        if errors := [found.message for found in report.findings if found.severity == "error"]:
            raise LineasError("\n".join(errors))
        taken = [c.name for c in self.own]
        run = RunState(
            f"r{next(self._ids)}",
            f"{name} {taken.count(name) + 1}" if name in taken else name,
            "queued",
            of=40,
            preview=settings.get("preview", ""),
        )
        self.points[run.id] = []
        if not self._alive():
            self.show(run=run)
        threading.Thread(target=self._train, args=(run,), daemon=True).start()
        return run.id

    def cancel(self, run_id: str) -> str:
        self.calls.append(("cancel", run_id))
        self._cancelled.add(run_id)
        return "It stops after this step."

    def resume(self, run_id: str) -> None:
        self.calls.append(("resume", run_id))
        run = self._state.run
        assert run and run.id == run_id
        self._cancelled.discard(run_id)
        threading.Thread(target=self._train, args=(run,), daemon=True).start()

    def examples_report(self, source_text: str, target_text: str) -> ExamplesReport:
        return read_examples(source_text, target_text)[2]

    def concepts(self) -> list[Concept]:
        presets = (Concept(f"preset:{p.id}", p.name, "preset", Path(), 0.75) for p in PRESETS)
        return [replace(c, health=self.cards.get(c.id, "")) for c in (*self.own, *presets)]

    def runs(self) -> list[RunRecord]:
        """Of those that ended, none is on this shelf."""
        run = self._state.run
        return [RunRecord(run.id, run.name, run.state, "2026-01-31T20:41:54+00:00")] if run and self._alive() else []

    def steering_map(self, concept_id: str) -> Any:
        raise LineasError("There are no maps here.")

    def metrics(self, run_id: str, max_points: int = 300) -> list[MetricPoint]:
        return self.points[run_id][:max_points]

    def previews(self, run_id: str) -> list[Preview]:
        return [
            Preview(point.step, f"After {point.step} steps: {' '.join(STEERED[: point.step])}")
            for point in self.points[run_id]
            if point.step % 8 == 0
        ]

    def log(self, run_id: str) -> tuple[Path, str]:
        return Path("/runs") / run_id / "log.txt", "Traceback of <b>it</b>"

    def compare(
        self,
        prompt: str,
        concept_id: str | None,
        strength: float,
        sampling: Sampling,
        *,
        stop: Event,
        system: str | None = None,
        extra_rows: Sequence[Any] = (),
    ) -> "FakeComparison":
        self.calls.append(("compare", prompt, concept_id, strength, sampling, system, list(extra_rows)))
        warning = "This concept was made for another model." if "other model" in prompt else None
        answers = self._words(prompt, concept_id, strength, sampling, stop)
        told = [Answer(" ".join(TOLD), len(TOLD), True)] * len(extra_rows)
        return FakeComparison(warning, ([*pair, *told] for pair in answers))

    def at_strengths(
        self,
        prompts: Sequence[str],
        concept_id: str,
        strengths: Sequence[float],
        sampling: Sampling,
        *,
        stop: Event,
    ) -> "FakeComparison":
        self.calls.append(("at_strengths", prompts, concept_id, list(strengths), sampling))

        def answers() -> Iterator[list[Answer]]:
            for plain, steered in self._words(prompts[0], concept_id, 1.0, sampling, stop):
                yield [steered if strength > 0 else plain for _ in prompts for strength in strengths]

        return FakeComparison(None, answers())

    def compare_mix(
        self, prompt: str, parts: Sequence[tuple[str, float]], sampling: Sampling, *, stop: Event
    ) -> "FakeComparison":
        self.calls.append(("compare_mix", prompt, list(parts), sampling))
        return FakeComparison(None, self._words(prompt, parts[0][0], 1.0, sampling, stop))

    def overlaps(self, parts: Sequence[tuple[str, float]]) -> tuple[dict[tuple[int, int], Overlap], float]:
        """The first two of the list fight, all others get along."""
        pairs = {(i, j): -0.4 if i == 0 and j == 1 else 0.2 for j in range(len(parts)) for i in range(j)}
        return {
            pair: Overlap({f"layers.{n}": whole + 0.3 * math.sin(n) for n in range(30)}, whole)
            for pair, whole in pairs.items()
        }, sum(strength for _, strength in parts)

    def mix(self, parts: Sequence[tuple[str, float]], name: str) -> Concept:
        self.calls.append(("mix", list(parts), name))
        self.own.insert(0, Concept(f"map:{name}", name, "mixed", Path()))
        self.show()
        return self.own[0]

    def strength_report(
        self, concept_id: str, strengths: Sequence[float], texts: Sequence[Sequence[str]], *, stop: Event
    ) -> StrengthReport:
        self.calls.append(("strength_report", concept_id, list(strengths), texts))
        points = [StrengthPoint(s, min(0.95, 0.1 + 0.8 * s), max(0.1, 1 - 0.25 * s * s)) for s in strengths]
        return StrengthReport(tuple(points), judged=True)

    def _words(
        self, prompt: str, concept_id: str | None, strength: float, sampling: Sampling, stop: Event
    ) -> Iterator[list[Answer]]:
        steered = STEERED if strength > 0 else PLAIN
        if prompt.startswith("echo "):
            steered = prompt.removeprefix("echo ").split(" ")
        self.show(comparing=True)
        try:
            most = min(sampling.max_new_tokens, max(len(PLAIN), len(steered)))
            # some words at a time, as the real stream does for a slow page
            for n in sorted({*range(1, most, 3), HALT, most}):
                time.sleep(self.word_seconds)
                while n > HALT and not self.speaking.is_set() and not stop.is_set():
                    time.sleep(0.01)
                if stop.is_set():
                    break
                if "memory" in prompt and n > HALT:
                    raise LineasError(
                        "The graphics card ran out of memory. Close other programs, or use a smaller model."
                    )
                yield [Answer(" ".join(w[:n]), min(n, len(w)), n >= len(w)) for w in (PLAIN, steered)][
                    : 2 if concept_id else 1
                ]
        finally:
            self.show(comparing=False)

    # what tests do to it --------------------------------------------------------------------------------------------
    def show(self, **changes: Any) -> None:
        with self._changing:
            self._state = replace(self._state, version=self._state.version + 1, **changes)

    def model(self, phase: str, sentence: str = "", fraction: float | None = None) -> None:
        self.show(model=replace(self._state.model, phase=phase, sentence=sentence, fraction=fraction))

    def _alive(self) -> bool:
        return self._state.run is not None and self._state.run.state in ("queued", "running")

    def _train(self, run: RunState) -> None:
        with self._turn:
            start = 12.0
            run = replace(run, state="running", distance_start=start)
            self.show(run=run)
            for step in range(run.step + 1, run.of + 1):
                time.sleep(self.step_seconds)
                while step == HALT and not self.teaching.is_set() and run.id not in self._cancelled:
                    time.sleep(0.01)
                if run.id in self._cancelled:
                    return self.show(run=replace(run, state="cancelled", eta_seconds=None))
                if run.name.startswith("fail") and step > 5:
                    return self.show(
                        run=replace(run, state="failed", error="The disk is full: no room for the concept.")
                    )
                distance = start * (0.2 + 0.8 * math.exp(-step / 10)) * (1 + 0.03 * math.sin(2.1 * step))
                self.points[run.id].append(MetricPoint(step, distance, distance))
                run = replace(run, step=step, distance=distance, eta_seconds=(run.of - step) * self.step_seconds)
                self.show(run=run)
            self.own.insert(0, Concept(f"run:{run.id}", run.name, "run", Path()))
            self.show(run=replace(run, state="done", eta_seconds=None))
            return None
