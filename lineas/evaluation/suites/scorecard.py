"""A scorecard: the same suites of measures for the plain model, a map at several strengths, and an instruction."""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path

from lineas.errors import LineasError
from lineas.evaluation.advice import point_of
from lineas.evaluation.findings import Interval
from lineas.evaluation.metrics import effect
from lineas.evaluation.metrics.bootstrap import gain_interval, mean_interval
from lineas.evaluation.metrics.cost import cost_curve, wiki_sentences
from lineas.evaluation.metrics.embeddings import Embed, load_minilm
from lineas.evaluation.metrics.judge import Judge, train_judge
from lineas.evaluation.metrics.scorers import scorer_named
from lineas.evaluation.suites.harness import harness_tasks
from lineas.evaluation.suites.public_data import rtp_prompts, take_evenly
from lineas.evaluation.suites.public_data import truthfulqa as load_truthfulqa
from lineas.evaluation.suites.truthfulqa import truthfulqa
from lineas.evaluation.suites.utility import blimp, load_blimp, load_mmlu, mmlu
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.methods.prompting import Instruction
from lineas.models.loaded import LoadedModel
from lineas.steering.adapter import Steering
from lineas.training.events import Reading

RTP_SAMPLING = Sampling(max_new_tokens=32, temperature=1.0, top_p=0.3, repetition_penalty=1.2, chat=False)
"""Sampling of continuations of RealToxicityPrompts in the LinEAS paper."""

Numbers = dict[str, float | None]
"""Measures of one candidate by name; None where something could not be measured."""
SuiteRun = Generator[Reading, None, list[Numbers]]
"""Runs a suite; returns the numbers of each candidate, in order."""


@dataclass(frozen=True)
class Candidate:
    """What is measured: the plain model (``steering`` None), a map at a strength, or an instruction."""

    name: str
    steering: Steering | None
    strength: float = 1.0


@dataclass
class EvaluationSetup:
    """Model, candidates and data of a scorecard.

    Attributes:
        candidates: the plain model first; changes are measured against it.
        source, target: the examples that the map was trained on; empty if unknown.
        data: folder of public data sets (``public_data``).
        prompts: prompts to answer; None: neutral questions, and for "toxicity" the challenging prompts in ``data``.
        items: number of questions, pairs or prompts of each benchmark.
        tasks: folder of tasks for lm-evaluation-harness.
        notes: sentences for people about the measurements, collected on the way.
    """

    model: LoadedModel
    candidates: Sequence[Candidate]
    source: Sequence[str] = ()
    target: Sequence[str] = ()
    data: Path | None = None
    prompts: Sequence[str] | None = None
    items: int = 200
    tasks: Path | None = None
    sampling: Sampling = effect.EVAL_SAMPLING
    load_judge: Callable[[], Embed] = load_minilm
    notes: list[str] = field(default_factory=list)
    _answers: list[list[str]] | None = None

    @cached_property
    def judge(self) -> Judge | None:
        """A judge trained on the examples; None, with a note that says why, if there is none."""
        if not self.target:
            self.notes.append(
                "The examples of this map are not known, so no judge can be trained on them: give them to measure its effect."
            )
            return None
        try:
            judge = train_judge(self.source, self.target, self.load_judge())
        except LineasError as error:
            self.notes.append(str(error))
            return None
        self.notes.append(judge.sentence)
        return judge

    def folder(self, suite: str) -> Path:
        """Folder of the public data sets; raises a LineasError that names the suite if there is none."""
        if self.data is None:
            raise LineasError(
                f"The suite {suite!r} needs data that do not come with this program: give their folder with --data."
            )
        return self.data

    def answers(self) -> Generator[Reading, None, list[list[str]]]:
        """Answers of every candidate to the prompts, [candidate][prompt]; generated once for all suites."""
        if self._answers is None:
            prompts = self.prompts or effect.neutral_prompts(self.model)
            self._answers = yield from effect.answers(self.model, prompts, _rows(self.candidates), self.sampling)
        return self._answers


def candidates(steering: Steering, strengths: Sequence[float], instruction: str = "") -> list[Candidate]:
    """The plain model, the map at each strength other than 0, and the instruction if there is one."""
    steered = [
        Candidate(f"{strength:g}", steering, strength) for strength in dict.fromkeys(strengths) if strength != 0
    ]
    instructed = [Candidate("instruction", Instruction({}, {"instruction": instruction}))] if instruction else []
    return [Candidate("0", None, 0.0), *steered, *instructed]


def run_suite(name: str, setup: EvaluationSetup) -> SuiteRun:
    """Run one suite.

    Args:
        name: one of ``SUITES``, "lm:" and a task of lm-evaluation-harness, or "classifier:" and a text classifier of Hugging Face.

    Raises:
        LineasError: unknown suite; missing data or package.
    """
    kind, colon, argument = name.partition(":")
    if kind == "lm" and argument:
        return _harness(argument, setup)
    if kind == "classifier" and argument:
        return _scored(argument, setup)
    if name not in SUITES or colon:
        raise LineasError(
            f"There is no suite {name!r}. Choose from {', '.join(SUITES)}, lm:TASK and classifier:MODEL."
        )
    return SUITES[name](setup)


def _effect(setup: EvaluationSetup) -> SuiteRun:
    texts = yield from setup.answers()
    prompts = setup.prompts or effect.neutral_prompts(setup.model)
    reports = yield from effect.report(setup.model, prompts, texts, setup.judge, chat=setup.sampling.chat)
    return [
        {
            **_interval("effect", one.score),
            **_interval("gain", one.gain),
            **_interval("relevance", one.relevance),
            "perplexity": None if math.isnan(one.perplexity) else one.perplexity,
            **asdict(one.statistics),
            "fluency": point_of(candidate.strength, one, reports[0]).fluency,
        }
        for candidate, one in zip(setup.candidates, reports, strict=True)
    ]


def _cost(setup: EvaluationSetup) -> SuiteRun:
    wiki = wiki_sentences()
    numbers: list[Numbers] = []
    for c in setup.candidates:
        [point] = yield from cost_curve(setup.model, c.steering, setup.target or wiki[:1], wiki, (c.strength,))
        numbers.append({"wiki_loss": point.wiki_loss, "target_loss": point.target_loss if setup.target else None})
    return numbers


def _blimp(setup: EvaluationSetup) -> SuiteRun:
    pairs = load_blimp(setup.folder("blimp"), setup.items)
    numbers = []
    for c in setup.candidates:
        numbers.append(_interval("blimp", (yield from blimp(setup.model, pairs, c.steering, c.strength))))
    return numbers


def _mmlu(setup: EvaluationSetup) -> SuiteRun:
    questions, solved = load_mmlu(setup.folder("mmlu"), setup.items)
    numbers = []
    for c in setup.candidates:
        numbers.append(_interval("mmlu", (yield from mmlu(setup.model, questions, solved, c.steering, c.strength))))
    return numbers


def _truthfulqa(setup: EvaluationSetup) -> SuiteRun:
    questions = take_evenly(load_truthfulqa(setup.folder("truthfulqa")), setup.items)
    numbers: list[Numbers] = []
    for c in setup.candidates:
        scores = yield from truthfulqa(setup.model, questions, c.steering, c.strength)
        found: Numbers = {}
        for key in ("mc1", "mc2", "mc2_argmax"):
            found |= _interval(key, mean_interval([getattr(score, key) for score in scores]))
        numbers.append(found)
    return numbers


def _toxicity(setup: EvaluationSetup) -> SuiteRun:
    if setup.prompts is not None or setup.data is None:
        return (yield from _scored("toxicity", setup))
    score = scorer_named("toxicity")
    prompts = take_evenly([prompt.text for prompt in rtp_prompts(setup.data) if prompt.challenging], setup.items)
    texts = yield from effect.answers(setup.model, prompts, _rows(setup.candidates), RTP_SAMPLING)
    return _score_numbers("toxicity", score, texts)


def _scored(name: str, setup: EvaluationSetup) -> SuiteRun:
    scorer = scorer_named(name)
    return _score_numbers(scorer.name, scorer, (yield from setup.answers()))


def _harness(task: str, setup: EvaluationSetup) -> SuiteRun:
    numbers: list[Numbers] = []
    for c in setup.candidates:
        found = harness_tasks(setup.model, [task], c.steering, c.strength, items=setup.items, folder=setup.tasks)
        numbers.append({f"{name}:{metric}": value for name, of in found.items() for metric, value in of.items()})
        yield Reading(len(numbers), len(setup.candidates))
    return numbers


SUITES: dict[str, Callable[[EvaluationSetup], SuiteRun]] = {
    "effect": _effect,
    "cost": _cost,
    "blimp": _blimp,
    "mmlu": _mmlu,
    "truthfulqa": _truthfulqa,
    "toxicity": _toxicity,
    "sentiment": partial(_scored, "sentiment"),
}


def _rows(candidates: Sequence[Candidate]) -> list[Row]:
    return [Row(candidate.steering, candidate.strength) for candidate in candidates]


def _score_numbers(name: str, score: effect.Score, texts: Sequence[Sequence[str]]) -> list[Numbers]:
    """Mean scores of each candidate, and the change from the first one's, paired by prompt."""
    scores = [effect.text_scores(score, row) for row in texts]
    gains = [None, *(gain_interval(scores[0], row) for row in scores[1:])]
    return [
        {**_interval(name, mean_interval(row)), **_interval(f"{name}_change", gain)}
        for row, gain in zip(scores, gains, strict=True)
    ]


def _interval(name: str, interval: Interval | None) -> Numbers:
    if interval is None:
        return {name: None}
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
